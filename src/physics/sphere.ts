import { type Key, type Tensor, type TensorLike } from "../tensor/index.js";

/** Independent uniform points on the unit sphere in `dimension` dimensions, shape [count, dimension]. */
export function uniformSphere(key: Key, count: number, dimension = 3): Tensor {
  const x = key.normal([count, dimension]);
  return x.div(x.norm(1).reshape([count, 1]));
}

/**
 * Independent uniform points on the part of the 2-sphere with |z| > `gap`: the sphere without an equatorial band.
 * Shape [count, 3]; `gap` lies between 0 and 1.
 */
export function sphereWithoutBand(key: Key, count: number, gap: TensorLike): Tensor {
  const u = key.fold(0).uniform([count, 1], -1, 1);
  // Archimedes: z is uniform on what is left.
  const height =
    typeof gap === "number"
      ? u
          .abs()
          .mul(1 - gap)
          .add(gap)
      : u.abs().mul(gap.neg().add(1)).add(gap);
  const z = u.less(0).select(height.neg(), height);
  const radius = z.square().neg().add(1).max(0).sqrt();
  const azimuth = key.fold(1).uniform([count, 1], 0, 2 * Math.PI);
  return radius.mul(azimuth.cos()).concat([radius.mul(azimuth.sin()), z], 1);
}

/**
 * A spiral of `count` points that covers the 2-sphere evenly: each stands for an equal area 4π/count.
 * Row-major, shape [count, 3] (Swinbank and Purser, Q. J. R. Meteorol. Soc. 132, 1769, 2006).
 */
export function fibonacciSphere(count: number): { shape: [number, 3]; data: Float64Array } {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`fibonacciSphere takes a positive count, got ${count}.`);
  const turn = Math.PI * (3 - Math.sqrt(5));
  const data = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const z = 1 - (2 * i + 1) / count;
    const radius = Math.sqrt(1 - z * z);
    data.set([radius * Math.cos(turn * i), radius * Math.sin(turn * i), z], 3 * i);
  }
  return { shape: [count, 3], data };
}

/** Angle in radians between two vectors; accurate at small and at large angles. */
export function angleBetween(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, sum] = [0, 0];
  const [lengthA, lengthB] = [a, b].map((x) => Math.hypot(...Array.from(x)));
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! / lengthA! - b[i]! / lengthB!) ** 2;
    sum += (a[i]! / lengthA! + b[i]! / lengthB!) ** 2;
  }
  return 2 * Math.atan2(Math.sqrt(difference), Math.sqrt(sum));
}
