/** Hyperparameters of an ensemble's members: every combination of the axes, the last axis varying fastest. */
export interface Grid<Name extends string = string> {
  readonly names: readonly Name[];
  /** The values along each axis. */
  readonly axes: { readonly [name in Name]: readonly number[] };
  /** Number of members. */
  readonly count: number;
  /** The value of a hyperparameter for each member, shape [count]. */
  readonly values: { readonly [name in Name]: Float64Array };
}

/**
 * The grid of all combinations, one member each.
 *
 * Throws a RangeError for an empty grid or axis, and for values that are not finite numbers.
 * @example grid({ learningRate: logspace(1e-4, 1e-1, 12), seed: seeds(8) }) // 96 members
 */
export function grid<Name extends string>(axes: { readonly [name in Name]: readonly number[] }): Grid<Name> {
  const names = Object.keys(axes) as Name[];
  if (names.length === 0)
    throw new RangeError("grid: there are no axes; name at least one, for example { seed: seeds(8) }.");
  for (const name of names) checkAxis(name, axes[name]);
  const count = names.reduce((product, name) => product * axes[name].length, 1);
  let repeat = count;
  const columns = names.map((name) => {
    const axis = axes[name];
    repeat /= axis.length;
    const each = repeat;
    return [name, Float64Array.from({ length: count }, (_, member) => axis[Math.floor(member / each) % axis.length]!)];
  });
  return { names, axes, count, values: Object.fromEntries(columns) as Grid<Name>["values"] };
}

function checkAxis(name: string, values: readonly number[]): void {
  if (values.length === 0) throw new RangeError(`grid: the axis "${name}" is empty; give it at least one value.`);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new RangeError(`grid: value ${at} of the axis "${name}" is ${values[at]}; values are finite numbers.`);
}

/** `count` values from `first` to `last` with equal steps. */
export function linspace(first: number, last: number, count: number): number[] {
  checkCount("linspace", count);
  return Array.from({ length: count }, (_, i) => (count === 1 ? first : first + ((last - first) * i) / (count - 1)));
}

/** `count` values from `first` to `last` with equal ratios; both positive. */
export function logspace(first: number, last: number, count: number): number[] {
  if (!(first > 0 && last > 0)) throw new RangeError(`logspace takes positive ends, got ${first} and ${last}.`);
  const logarithms = linspace(Math.log(first), Math.log(last), count);
  return logarithms.map((x, i) => (i === 0 ? first : i === count - 1 ? last : Math.exp(x)));
}

/** `count` seeds: consecutive integers from `from`. */
export function seeds(count: number, from = 0): number[] {
  checkCount("seeds", count);
  return Array.from({ length: count }, (_, i) => from + i);
}

function checkCount(name: string, count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`${name} takes a positive number of values, got ${count}.`);
}
