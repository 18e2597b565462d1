/** Arithmetic mean. */
export function mean(values: ArrayLike<number>): number {
  checkNotEmpty("mean", values);
  return sum(values) / values.length;
}

/** Unbiased standard deviation of a sample. */
export function standardDeviation(values: ArrayLike<number>): number {
  if (values.length < 2) throw new RangeError(`standardDeviation takes two or more values, got ${values.length}.`);
  const center = mean(values);
  return Math.sqrt(sum(Array.from(values, (x) => (x - center) ** 2)) / (values.length - 1));
}

/** Standard error of the mean of independent values. */
export function standardError(values: ArrayLike<number>): number {
  return standardDeviation(values) / Math.sqrt(values.length);
}

/** Value below which a share of the sample lies, by linear interpolation (type 7 of Hyndman and Fan). */
export function quantile(values: ArrayLike<number>, share: number): number {
  checkNotEmpty("quantile", values);
  if (!(share >= 0 && share <= 1)) throw new RangeError(`quantile takes a share from 0 to 1, got ${share}.`);
  const sorted = Float64Array.from(values).sort();
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const next = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return sorted[below]! + (at - below) * (next - sorted[below]!);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

function checkNotEmpty(name: string, values: ArrayLike<number>): void {
  if (values.length === 0) throw new RangeError(`${name}: the sample is empty.`);
}
