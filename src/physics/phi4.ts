import type { Tensor, TensorLike } from "../tensor/index.js";

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
