/** y ← a·y + e, with e uniform in (−½, ½) from a linear congruential generator. */
export function autoregression(length: number, seed: number, a: number): Float64Array {
  let [x, y] = [seed, 0];
  return Float64Array.from({ length }, () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    y = a * y + x / 2 ** 32 - 0.5;
    return y;
  });
}
