/**
 * The first recorded step at which a metric has reached a level, for each member; Infinity where it never does.
 *
 * @param curve steps [points] and values [members, points], as `run.curve(metric)` gives them
 * @example firstReached(run.curve("validation accuracy")!, 0.9)
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
