/** Lanes of a vector. */
export const LANES = 4;
/** Samples (elements of the blocked axis) that one pass of a blocked stage handles: a cache line, four vectors. */
export const BLOCK = 16;

export const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
