const FEW_CURVES = 12;
/** More lines than these are faint. */
export const MANY_CURVES = 200;

/**
 * How lines are drawn: the fewer, the stronger; those that are not chosen step back behind others that are.
 * @param apart whether one of very many lies apart from the others, which stand out only together
 */
export function curveStyle(count: number, isBehind = false, apart = false): { width: number; opacity: number } {
  if (count <= FEW_CURVES) return { width: 2, opacity: isBehind ? 0.4 : 1 };
  if (apart || count <= MANY_CURVES) return { width: 1.5, opacity: isBehind ? 0.3 : 0.9 };
  return { width: 1, opacity: isBehind ? 0.3 : 0.4 };
}

/** What a line that is seen by itself adds at least to some row of pixels, wherever between two of them it lies. */
export function covering(count: number, apart = false): number {
  const { width, opacity } = curveStyle(count, false, apart);
  return opacity * Math.min(1, width / 2);
}
