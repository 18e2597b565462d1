/**
 * The first recorded step at which a metric has reached a level, for each member; Infinity where it never does.
 *
 * @param curve steps [points] and values [members, points], as `run.curve(metric)` gives them
 * @example firstReached({ steps: [10, 20, 30], values: [0.2, 0.9, 1, 0.1, 0.3, 0.2] }, 0.9) // [20, Infinity]
 */
export function firstReached(
  { steps, values }: { readonly steps: ArrayLike<number>; readonly values: ArrayLike<number> },
  level: number,
): number[] {
  const points = steps.length;
  return Array.from({ length: values.length / points }, (_, member) => {
    for (let point = 0; point < points; point++) if (values[member * points + point]! >= level) return steps[point]!;
    return Infinity;
  });
}
