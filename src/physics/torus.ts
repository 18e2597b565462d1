import { constant, type Key, ShapeError, type Tensor, type TensorLike } from "../tensor/index.js";

/**
 * Points of the Clifford torus, the product of two circles in four dimensions, at angles (θ, φ):
 * (cos θ, sin θ, r cos φ, r sin φ) / √(1 + r²), on the unit sphere S³. Shape [count, 2] to [count, 4].
 * @param ratio r, of the second circle's radius to the first one's; 1 is Clifford's torus, other values are its thinner kin
 */
export function cliffordTorus(angles: Tensor, ratio: TensorLike = 1): Tensor {
  checkColumns("cliffordTorus", angles, 2);
  const [theta, phi] = columns(angles);
  const scale = typeof ratio === "number" ? 1 / Math.sqrt(1 + ratio ** 2) : ratio.square().add(1).sqrt().reciprocal();
  const first = theta!.cos().concat([theta!.sin()], 1);
  const second = phi!.cos().concat([phi!.sin()], 1);
  return first.concat([second.mul(ratio)], 1).mul(scale);
}

/** Independent points of the torus, uniform in both angles: its area. Shape [count, 4]. */
export const uniformCliffordTorus = (key: Key, count: number, ratio: TensorLike = 1): Tensor =>
  cliffordTorus(key.uniform([count, 2], 0, 2 * Math.PI), ratio);

/** Angles of `side`² points that cover a torus evenly, θ varying slowest. Shape [side², 2]. */
export function torusGrid(side: number): Tensor {
  if (!Number.isInteger(side) || side < 1) throw new RangeError(`torusGrid takes a positive side, got ${side}.`);
  const angle = (i: number) => (2 * Math.PI * i) / side;
  return constant(Array.from({ length: side ** 2 }, (_, i) => [angle(Math.floor(i / side)), angle(i % side)]));
}

/**
 * The surface of revolution with the same angles in three dimensions: ((R + cos φ) cos θ, (R + cos φ) sin θ, sin φ), with a
 * hole for R > 1. Shape [count, 2] to [count, 3].
 */
export function donut(angles: Tensor, radius = 2): Tensor {
  checkRadius("donut", radius);
  checkColumns("donut", angles, 2);
  const [theta, phi] = columns(angles);
  const rho = phi!.cos().add(radius);
  return rho.mul(theta!.cos()).concat([rho.mul(theta!.sin()), phi!.sin()], 1);
}

/** The inverse of {@link donut}: the point of {@link cliffordTorus} for each point of the surface. Shape [count, 3] to [count, 4]. */
export function cliffordFromDonut(points: Tensor, radius = 2): Tensor {
  checkRadius("cliffordFromDonut", radius);
  checkColumns("cliffordFromDonut", points, 3);
  const [x, y, z] = columns(points);
  const rho = x!.square().add(y!.square()).sqrt();
  return x!
    .div(rho)
    .concat([y!.div(rho), rho.sub(radius), z!], 1)
    .mul(Math.SQRT1_2);
}

/** The columns of a matrix, [count, 1] each. */
const columns = (x: Tensor): Tensor[] =>
  Array.from({ length: x.shape[1]! }, (_, i) => x.slice([0, i], [x.shape[0]!, i + 1]));

function checkRadius(caller: string, radius: number): void {
  if (!(radius > 1)) throw new RangeError(`${caller}: the radius is ${radius}; below 1 the surface meets itself.`);
}

function checkColumns(caller: string, x: Tensor, count: number): void {
  if (x.rank === 2 && x.shape[1] === count) return;
  throw new ShapeError(`${caller} takes points of shape [count, ${count}], got [${x.shape.join(", ")}].`);
}
