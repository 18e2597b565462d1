import { constant, type Key, ShapeError, type Tensor } from "../tensor/index.js";

/**
 * Decays of a particle at rest into massless ones, uniform in phase space (RAMBO: Kleiss, Stirling, Ellis, Comput. Phys.
 * Commun. 40 (1986) 359): isotropic momenta with energies of density E exp(−E), boosted to their rest frame and scaled.
 * All events have weight one. Momenta in units of half the energy, so that the lengths of an event's sum to 2; shape
 * [count, particles, 3].
 *
 * Throws a RangeError for fewer than two particles.
 */
export function masslessPhaseSpace(key: Key, count: number, particles = 3): Tensor {
  if (!Number.isInteger(particles) || particles < 2)
    throw new RangeError(`masslessPhaseSpace takes two or more particles, got ${particles}.`);
  const uniform = (purpose: number) => key.fold(purpose).uniform([count, particles, 1]);
  const energy = uniform(0)
    .mul(uniform(1))
    .add(2 ** -46)
    .log()
    .neg(); // of two zeros at worst 32
  const direction = key.fold(2).normal([count, particles, 3]);
  const q = direction.div(lengths(direction)).mul(energy);
  const [totalEnergy, total] = [energy.sum(1).reshape([count, 1, 1]), q.sum(1).reshape([count, 1, 3])];
  const mass = totalEnergy
    .square()
    .sub(total.square().sum(2).reshape([count, 1, 1]))
    .sqrt();
  const b = total.div(mass).neg();
  const along = q.mul(b).sum(2).reshape([count, particles, 1]);
  const gamma = totalEnergy.div(mass);
  return q.add(b.mul(energy.add(along.div(gamma.add(1))))).mul(mass.reciprocal().mul(2));
}

/**
 * The event of {@link masslessPhaseSpace}'s kind that is nearest in direction to any momenta: their mean is subtracted, and
 * what is left is scaled so that the lengths sum to 2. Shape: [count, particles, 3].
 */
export function toMasslessEvent(momenta: Tensor): Tensor {
  const [count, particles] = checkMomenta("toMasslessEvent", momenta);
  const centered = momenta.sub(momenta.mean(1).reshape([count, 1, 3]));
  const total = lengths(centered).sum(1).reshape([count, 1, 1]);
  return centered.mul(total.reciprocal().mul(2)).reshape([count, particles, 3]);
}

/** Squared invariant mass of two massless particles of each event, as a share of the squared mass of all; shape [count]. */
export function pairMassSquared(momenta: Tensor, first: number, second: number): Tensor {
  const [count] = checkMomenta("pairMassSquared", momenta);
  const energies = lengths(momenta).reshape([count, momenta.shape[1]!]);
  const [p, q] = [momenta.at(first, 1), momenta.at(second, 1)];
  const product = energies.at(first, 1).mul(energies.at(second, 1)).sub(p.mul(q).sum(1));
  return product.mul(2).div(energies.sum(1).square());
}

/**
 * Orthonormal coordinates of momenta that sum to zero: one vector less than particles, with the same sum of squares.
 * Shape [count, particles, 3] to [count, 3 (particles − 1)].
 */
export function relativeMomenta(momenta: Tensor): Tensor {
  const [count, particles] = checkMomenta("relativeMomenta", momenta);
  const rows = momenta.swapLastAxes().reshape([3 * count, particles]);
  return rows.matmul(constant(helmert(particles)).transpose()).reshape([count, 3 * (particles - 1)]);
}

/** Rows that are orthonormal, and orthogonal to (1, 1, …, 1): one particle against the mean of those before it. */
function helmert(particles: number): number[][] {
  return Array.from({ length: particles - 1 }, (_, row) => {
    const before = row + 1;
    const norm = Math.sqrt(before * (before + 1));
    return Array.from({ length: particles }, (_, i) => (i < before ? 1 / norm : i === before ? -before / norm : 0));
  });
}

/** |p| of the vectors along the last of three axes, which keeps length one. */
const lengths = (p: Tensor): Tensor => p.norm(2).reshape([p.shape[0]!, p.shape[1]!, 1]);

function checkMomenta(caller: string, momenta: Tensor): [count: number, particles: number] {
  const [count, particles, three] = momenta.shape;
  if (momenta.rank !== 3 || three !== 3)
    throw new ShapeError(`${caller} takes momenta of shape [count, particles, 3], got [${momenta.shape.join(", ")}].`);
  return [count!, particles!];
}
