/**
 * Direction numbers of the Sobol sequence from its second dimension on: the primitive polynomial over GF(2) as a binary
 * number, then the first odd initial numbers m₁, m₂, … (S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30 (2008) 2635,
 * file new-joe-kuo-6).
 */
const JOE_KUO: readonly (readonly [polynomial: number, ...initial: number[]])[] = [
  [3, 1],
  [7, 1, 3],
  [11, 1, 3, 1],
  [13, 1, 1, 1],
  [19, 1, 1, 3, 3],
  [25, 1, 3, 5, 13],
  [37, 1, 1, 5, 5, 17],
  [41, 1, 1, 5, 5, 5],
  [47, 1, 1, 7, 11, 19],
  [55, 1, 1, 5, 1, 1],
  [59, 1, 1, 1, 3, 11],
  [61, 1, 3, 5, 5, 31],
  [67, 1, 3, 3, 9, 7, 49],
  [91, 1, 1, 1, 15, 21, 21],
  [97, 1, 3, 1, 13, 27, 49],
];

/** Most dimensions for which there are direction numbers here. */
export const SOBOL_DIMENSIONS = JOE_KUO.length + 1;

const BITS = 32;

/**
 * Points of the Sobol sequence in [0, 1)^dimensions, in the order of Gray codes, as 32-bit integers to be divided by
 * 2³². Shape [count, dimensions]. The first is the origin; powers of two are good counts.
 */
export function sobolPoints(count: number, dimensions: number): Uint32Array {
  const points = new Uint32Array(count * dimensions);
  for (let dimension = 0; dimension < dimensions; dimension++) {
    const directions = directionsOf(dimension);
    for (let i = 1; i < count; i++) {
      const lowestBit = 31 - Math.clz32(i & -i);
      points[i * dimensions + dimension] = points[(i - 1) * dimensions + dimension]! ^ directions[lowestBit]!;
    }
  }
  return points;
}

/** The direction numbers of a dimension, vₖ = mₖ·2^(32−k), by the recurrence that its polynomial gives. */
function directionsOf(dimension: number): Uint32Array {
  const directions = new Uint32Array(BITS);
  if (dimension === 0) return directions.map((_, k) => 1 << (BITS - 1 - k));
  const [polynomial, ...initial] = JOE_KUO[dimension - 1]!;
  const degree = initial.length;
  for (let k = 0; k < BITS; k++) {
    if (k < degree) {
      directions[k] = initial[k]! << (BITS - 1 - k);
      continue;
    }
    let next = directions[k - degree]! ^ (directions[k - degree]! >>> degree);
    for (let i = 1; i < degree; i++) if ((polynomial >> (degree - i)) & 1) next ^= directions[k - i]!;
    directions[k] = next;
  }
  return directions;
}

/**
 * Owen's nested scrambling of a 32-bit coordinate: every bit is flipped, or not, by a hash of the seed and all bits
 * above it, which keeps all stratification (B. Burley, J. Comput. Graph. Tech. 9 (2020) no. 4, listing 3; the hash is
 * that of S. Laine and T. Karras).
 */
export function owenScramble(coordinate: number, seed: number): number {
  let x = (reverseBits(coordinate) + seed) | 0;
  for (const even of [0x6c50b47c, 0xb82f1e52, 0xc7afe638, 0x8d22f6e6]) x ^= Math.imul(x, even);
  return reverseBits(x >>> 0);
}

function reverseBits(value: number): number {
  let x = value;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return ((x >>> 16) | (x << 16)) >>> 0;
}
