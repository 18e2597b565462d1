import { checkColumnTexts, type ColumnTexts, mergeColumnTexts } from "../storage/column-text.js";

/** Hyperparameters of an ensemble's members: a table with a row for each member. */
export interface Grid<Name extends string = string> {
  readonly names: readonly Name[];
  /** Number of members. */
  readonly count: number;
  /** The value of a hyperparameter for each member, shape [count]. */
  readonly values: { readonly [name in Name]: Float64Array };
  /** What people call the hyperparameters, and their units; figures of whatever has these members show them. */
  readonly columns?: ColumnTexts<Name>;
}

type Axes<Name extends string> = { readonly [name in Name]: ArrayLike<number> };

/** Largest finite number of single precision, in which engines compute. */
const LARGEST = 3.4028234663852886e38;

/**
 * The grid of all combinations, one member each, the last axis varying fastest.
 *
 * Throws a RangeError for an empty grid or axis, and for values that are not finite numbers in single precision.
 * @param columns Labels and units of axes, which figures show.
 * @example grid({ learningRate: logspace(1e-4, 1e-1, 12), seed: seeds(8) }) // 96 members
 * @example grid({ mass: linspace(100, 200, 11), seed: seeds(4) }, { mass: { unit: "GeV" } })
 */
export function grid<Name extends string>(axes: Axes<Name>, columns?: ColumnTexts<NoInfer<Name>>): Grid<Name> {
  const names = namesOf("grid", axes);
  const count = names.reduce((members, name) => members * axes[name].length, 1);
  let repeat = count;
  const made = fromColumns(names, count, (name) => {
    const axis = axes[name];
    repeat /= axis.length;
    const each = repeat;
    return (member) => axis[Math.floor(member / each) % axis.length]!;
  });
  return withColumns("grid", made, columns);
}

/**
 * Members from lists of equal length: member i has the i-th value of each.
 *
 * Throws a RangeError where the lengths differ, and like {@link grid}.
 * @param texts Labels and units, which figures show.
 * @example zip({ width: [16, 32, 64], learningRate: [1e-2, 3e-3, 1e-3] }) // 3 members
 */
export function zip<Name extends string>(columns: Axes<Name>, texts?: ColumnTexts<NoInfer<Name>>): Grid<Name> {
  const names = namesOf("zip", columns);
  const count = columns[names[0]!].length;
  const other = names.find((name) => columns[name].length !== count);
  if (other !== undefined) {
    throw new RangeError(
      `zip: "${names[0]}" has ${count} values, "${other}" has ${columns[other].length}; give lists of one length.`,
    );
  }
  const made = fromColumns(names, count, (name) => (member) => columns[name][member]!);
  return withColumns("zip", made, texts);
}

/**
 * Every member of the first grid with every one of the second, which varies fastest.
 *
 * Throws a RangeError when both have a hyperparameter of the same name.
 * @example product(zip({ width: [16, 32], learningRate: [1e-2, 1e-3] }), grid({ seed: seeds(4) })) // 8 members
 */
export function product<A extends string, B extends string>(first: Grid<A>, second: Grid<B>): Grid<A | B> {
  const twice = first.names.find((name) => (second.names as readonly string[]).includes(name));
  if (twice !== undefined) throw new RangeError(`product: both grids have "${twice}"; a hyperparameter has one name.`);
  const names: readonly (A | B)[] = [...first.names, ...second.names];
  const made = fromColumns(names, first.count * second.count, (name) => {
    if (name in first.values) return (member) => first.values[name as A][Math.floor(member / second.count)]!;
    return (member) => second.values[name as B][member % second.count]!;
  });
  return withColumns("product", made, mergeColumnTexts(first.columns, second.columns));
}

/** The members of a grid at the given places. */
export function pick<Name extends string>(from: Grid<Name>, members: ArrayLike<number>): Grid<Name> {
  const picked = fromColumns(from.names, members.length, (name) => (member) => from.values[name][members[member]!]!);
  return withColumns("pick", picked, from.columns);
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

/** A grid from a function that gives each column's values by member. */
export function fromColumns<Name extends string>(
  names: readonly Name[],
  count: number,
  column: (name: Name) => (member: number) => number,
): Grid<Name> {
  const columns = names.map((name) => {
    const value = column(name);
    return [name, Float64Array.from({ length: count }, (_, member) => value(member))] as const;
  });
  return { names, count, values: Object.fromEntries(columns) as Grid<Name>["values"] };
}

/** The grid with labels and units, which {@link checkColumnTexts} has found right. */
export function withColumns<Name extends string>(
  caller: string,
  grid: Grid<Name>,
  columns: ColumnTexts<Name> | undefined,
): Grid<Name> {
  if (!columns || Object.keys(columns).length === 0) return grid;
  checkColumnTexts(caller, columns, grid.names);
  return { ...grid, columns };
}

/** Throws a RangeError unless `count` is a positive integer. */
export function checkCount(caller: string, count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`${caller} takes a positive number of values, got ${count}.`);
}

function namesOf<Name extends string>(caller: string, axes: Axes<Name>): Name[] {
  const names = Object.keys(axes) as Name[];
  if (names.length === 0)
    throw new RangeError(`${caller}: there are no axes; name at least one, for example { seed: seeds(8) }.`);
  for (const name of names) checkAxis(caller, name, axes[name]);
  return names;
}

function checkAxis(caller: string, name: string, values: ArrayLike<number>): void {
  if (values.length === 0) throw new RangeError(`${caller}: the axis "${name}" is empty; give it at least one value.`);
  const fits = name === "seed" ? isSeed : isFinite32;
  const at = Array.from(values).findIndex((value) => !fits(value));
  if (at < 0) return;
  const kind =
    name === "seed" ? "seeds are integers from 0 to 2^32 - 1" : "values are finite numbers of single precision";
  throw new RangeError(`${caller}: value ${at} of the axis "${name}" is ${values[at]}; ${kind}.`);
}

const isSeed = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 32;
const isFinite32 = (value: number): boolean => Math.abs(value) <= LARGEST;
