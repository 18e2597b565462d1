/**
 * Signals in random networks of infinite width: K, the variance of a preactivation at one input, from layer to layer
 * (arXiv:2106.10165, chapter 5; arXiv:1606.05340).
 */
import type { Activation } from "./mlp.js";

/** C_W and C_b, see `Initialization`. */
export interface Variances {
  readonly weightVariance: number;
  readonly biasVariance: number;
}

/** A function of one preactivation, and its derivative. */
interface Nonlinearity {
  readonly value: (z: number) => number;
  readonly slope: (z: number) => number;
}

const NONLINEARITIES: Record<Activation, Nonlinearity> = {
  tanh: { value: Math.tanh, slope: (z) => 1 / Math.cosh(z) ** 2 },
  // The mean of both sides at the kink, so that the sum below is exact there.
  relu: { value: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : z < 0 ? 0 : Math.SQRT1_2) },
  linear: { value: (z) => z, slope: () => 1 },
};

/** Points of the trapezoidal rule on either side of zero, and their distance in standard deviations. */
const POINTS = 400;
const STEP = 0.025;

/**
 * ⟨f(z)⟩ for normal z of mean zero, by the trapezoidal rule: exact to rounding for functions that are analytic near the real
 * axis, up to variances of about 1000 for tanh.
 */
export function gaussianMean(f: (z: number) => number, variance: number): number {
  const deviation = Math.sqrt(variance);
  let [sum, weights] = [0, 0];
  for (let i = -POINTS; i <= POINTS; i++) {
    const weight = Math.exp(-((STEP * i) ** 2) / 2);
    sum += weight * f(deviation * STEP * i);
    weights += weight;
  }
  return sum / weights;
}

/**
 * K of each layer, K(ℓ + 1) = C_b + C_W ⟨σ(z)²⟩ over z of variance K(ℓ); the first entry is `start`, that of the first
 * layer (arXiv:2106.10165, section 4.3).
 */
export function kernelRecursion(
  activation: Activation,
  variances: Variances,
  layers: number,
  start: number,
): Float64Array {
  const kernel = new Float64Array(layers).fill(start);
  for (let layer = 1; layer < layers; layer++) kernel[layer] = nextKernel(activation, variances, kernel[layer - 1]!);
  return kernel;
}

/** χ⊥(K) = C_W ⟨σ′(z)²⟩: by how much the squared distance of two near inputs of equal length grows in a layer (section 5.1). */
export function perpendicularSusceptibility(activation: Activation, weightVariance: number, kernel: number): number {
  const { slope } = NONLINEARITIES[activation];
  return weightVariance * gaussianMean((z) => slope(z) ** 2, kernel);
}

/** K* at which the recursion of tanh networks ends; 0 where signals die out. */
export function kernelFixedPoint(variances: Variances): number {
  const { weightVariance, biasVariance } = variances;
  if (biasVariance === 0 && weightVariance <= 1) return 0;
  // K(ℓ + 1) − K(ℓ) falls through zero once between these, as ⟨tanh²⟩ is concave in K.
  return bisect((kernel) => nextKernel("tanh", variances, kernel) - kernel, 1e-12, biasVariance + weightVariance + 1);
}

/**
 * C_W of the line between order and chaos of tanh networks, χ⊥(K*) = 1, for C_b from 0 to about 10 (arXiv:1606.05340, figure 1).
 */
export function criticalWeightVariance(biasVariance: number): number {
  if (biasVariance === 0) return 1;
  const excess = (weightVariance: number) => {
    const kernel = kernelFixedPoint({ weightVariance, biasVariance });
    return 1 - perpendicularSusceptibility("tanh", weightVariance, kernel);
  };
  return bisect(excess, 1, 100);
}

function nextKernel(activation: Activation, { weightVariance, biasVariance }: Variances, kernel: number): number {
  const { value } = NONLINEARITIES[activation];
  return biasVariance + weightVariance * gaussianMean((z) => value(z) ** 2, kernel);
}

/** Where a function falls through zero. */
function bisect(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (high - low > 1e-13 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (f(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
