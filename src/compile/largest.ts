/** The largest of any number of values that are not negative; 0 of none. `Math.max` takes only as many as the stack holds. */
export function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}
