import { constant, type Tensor, type TensorLike } from "../tensor/index.js";

/** Parameters of {@link phi4Action}: numbers, or scalars that each member has its own of. */
export interface Phi4Couplings {
  /** m², in lattice units; negative in and near the broken phase. */
  readonly massSquared: TensorLike;
  /** λ; 0 is the free field. */
  readonly coupling: TensorLike;
}

/**
 * The Euclidean action of a real scalar field on a periodic lattice of any dimension, in the convention of
 * arXiv:1904.12072 and arXiv:2101.08176 (without the factor ½): S(φ) = Σₓ [Σ_μ (φ(x + μ) − φ(x))² + m² φ(x)² + λ φ(x)⁴].
 * The free field then has ⟨φ̃(p) φ̃(−p)⟩ = V / 2(p̂² + m²), with p̂² = Σ_μ 4 sin²(p_μ / 2).
 *
 * @param field shape [L₁, …, L_d], one axis for each dimension
 */
export function phi4Action(field: Tensor, { massSquared, coupling }: Phi4Couplings): Tensor {
  const square = field.square();
  const neighbours = axesOf(field).map((axis) => field.roll(-1, axis));
  const hopping = neighbours.reduce((sum, neighbour) => sum.add(neighbour)).mul(field);
  const site = square
    .mul(coupling)
    .add(massSquared)
    .add(2 * field.rank);
  return site.mul(square).sub(hopping.mul(2)).sum();
}

/** ∂S/∂φ of {@link phi4Action}, written out: 2 (m² + 2d) φ − 2 Σ neighbours + 4 λ φ³. Shape: the field's. */
export function phi4Gradient(field: Tensor, { massSquared, coupling }: Phi4Couplings): Tensor {
  const neighbours = axesOf(field).flatMap((axis) => [field.roll(1, axis), field.roll(-1, axis)]);
  const sum = neighbours.reduce((total, neighbour) => total.add(neighbour));
  const site = field
    .square()
    .mul(2)
    .mul(coupling)
    .add(massSquared)
    .add(2 * field.rank);
  return site.mul(field).sub(sum).mul(2);
}

/** The field's mean over all sites. */
export const magnetization = (field: Tensor): Tensor => field.mean();

const axesOf = (field: Tensor): number[] => field.shape.map((_, axis) => axis);

/** The terms of {@link phi4Action} that a site is part of, if it had the value `value` in the field `field`; shape: the field's. */
export function phi4SiteAction(value: Tensor, field: Tensor, { massSquared, coupling }: Phi4Couplings): Tensor {
  const neighbours = axesOf(field).flatMap((axis) => [field.roll(1, axis), field.roll(-1, axis)]);
  const sum = neighbours.reduce((total, neighbour) => total.add(neighbour));
  const square = value.square();
  const own = square
    .mul(coupling)
    .add(massSquared)
    .add(2 * field.rank);
  return own.mul(square).sub(value.mul(sum).mul(2));
}

/**
 * ⟨φ ∂S/∂φ⟩ summed over sites: the number of sites, exactly and for any couplings (Schwinger and Dyson), which makes it a
 * check of any sampler. A scalar, to be averaged over configurations.
 */
export const phi4Virial = (field: Tensor, couplings: Phi4Couplings): Tensor =>
  phi4Gradient(field, couplings).mul(field).sum();

/**
 * Fields from vectors that list the even sites of a square lattice first, then the odd ones, as a checkerboard has them:
 * [batch, side²] to [batch, side, side]. The side is even, so that neighbours have different colours.
 */
export function fromCheckerboard(vectors: Tensor, side: number): Tensor {
  const [batch, sites] = vectors.shape;
  if (side % 2 !== 0 || sites !== side ** 2) {
    throw new RangeError(`fromCheckerboard takes vectors of side² numbers and an even side, got ${sites} and ${side}.`);
  }
  const place = Array.from({ length: sites }, (_, site) => {
    const odd = (Math.floor(site / side) + site) % 2;
    return (odd * sites) / 2 + Math.floor(site / 2);
  });
  return vectors.take(constant(place, [sites], "i32"), 1).reshape([batch!, side, side]);
}
