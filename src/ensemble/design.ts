import { evaluate } from "../compile/reference.js";
import { Key } from "../tensor/index.js";
import type { ColumnTexts } from "../storage/column-text.js";
import { checkCount, fromColumns, type Grid, withColumns } from "./grid.js";
import { owenScramble, SOBOL_DIMENSIONS, sobolPoints } from "./sobol.js";

/** How a hyperparameter is distributed: its quantile at a share in [0, 1). */
export type Quantile = (share: number) => number;

/** Hyperparameters with their distributions. */
export type Distributions<Name extends string> = { readonly [name in Name]: Quantile };

export interface DesignOptions<Name extends string> {
  readonly seed?: number;
  /** Labels and units of hyperparameters, which figures show. */
  readonly columns?: ColumnTexts<Name>;
}

/**
 * Uniform between two ends.
 *
 * Throws a RangeError unless low < high and both are finite.
 */
export function uniform(low: number, high: number): Quantile {
  if (!(low < high && Number.isFinite(high - low)))
    throw new RangeError(`uniform takes finite ends low < high, got ${low} and ${high}.`);
  return (share) => low + share * (high - low);
}

/**
 * Uniform in the logarithm between two ends.
 *
 * Throws a RangeError unless 0 < low < high < ∞.
 */
export function logUniform(low: number, high: number): Quantile {
  if (!(low > 0 && low < high && Number.isFinite(high)))
    throw new RangeError(`logUniform takes finite ends 0 < low < high, got ${low} and ${high}.`);
  const exponent = uniform(Math.log(low), Math.log(high));
  return (share) => Math.exp(exponent(share));
}

/**
 * Members at points of the scrambled Sobol sequence: they fill the space of all hyperparameters evenly, most so when
 * `count` is a power of two. The same seed gives the same members, and fewer are the first of more.
 *
 * Throws a RangeError for an empty design or more dimensions than there are direction numbers for.
 * @example sobol({ learningRate: logUniform(1e-4, 1e-1), weightDecay: uniform(0, 0.1) }, 64)
 */
export function sobol<Name extends string>(
  distributions: Distributions<Name>,
  count: number,
  { seed = 0, scramble = true, columns }: DesignOptions<NoInfer<Name>> & { scramble?: boolean } = {},
): Grid<Name> {
  const names = namesOf("sobol", distributions, count);
  if (names.length > SOBOL_DIMENSIONS) {
    throw new RangeError(
      `sobol has ${SOBOL_DIMENSIONS} dimensions, got ${names.length}; latinHypercube takes any number.`,
    );
  }
  const points = sobolPoints(count, names.length);
  const keys = evaluate([Key.of(seed).bits([names.length])])[0]!;
  const made = fromShares(names, distributions, count, (member, dimension) => {
    const coordinate = points[member * names.length + dimension]!;
    return (scramble ? owenScramble(coordinate, keys[dimension]!) : coordinate) / 2 ** 32;
  });
  return withColumns("sobol", made, columns);
}

/**
 * Members of a Latin hypercube: each hyperparameter has exactly one value in each of `count` equally likely intervals,
 * in random order (McKay, Beckman, Conover, Technometrics 21 (1979) 239).
 *
 * Throws a RangeError for an empty design.
 * @example latinHypercube({ learningRate: logUniform(1e-4, 1e-1), weightDecay: uniform(0, 0.1) }, 50)
 */
export function latinHypercube<Name extends string>(
  distributions: Distributions<Name>,
  count: number,
  { seed = 0, columns }: DesignOptions<NoInfer<Name>> = {},
): Grid<Name> {
  const names = namesOf("latinHypercube", distributions, count);
  const key = Key.of(seed);
  const draws = evaluate([0, 1].map((use) => key.fold(use).uniform([names.length, count])));
  const [order, within] = draws.map((values) => Float64Array.from(values));
  const places = names.map((_, dimension) => ranksOf(order!.slice(dimension * count, (dimension + 1) * count)));
  const made = fromShares(
    names,
    distributions,
    count,
    (member, dimension) => (places[dimension]![member]! + within![dimension * count + member]!) / count,
  );
  return withColumns("latinHypercube", made, columns);
}

function fromShares<Name extends string>(
  names: readonly Name[],
  distributions: Distributions<Name>,
  count: number,
  share: (member: number, dimension: number) => number,
): Grid<Name> {
  return fromColumns(names, count, (name) => {
    const dimension = names.indexOf(name);
    return (member) => {
      const value = distributions[name](share(member, dimension));
      if (Number.isFinite(value)) return value;
      throw new RangeError(`The distribution of "${name}" gives ${value}; values are finite numbers.`);
    };
  });
}

/** Place of each element in ascending order. */
function ranksOf(values: ArrayLike<number>): number[] {
  const ranks = new Array<number>(values.length);
  const ascending = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  ascending.forEach((element, rank) => (ranks[element] = rank));
  return ranks;
}

function namesOf<Name extends string>(caller: string, distributions: Distributions<Name>, count: number): Name[] {
  checkCount(caller, count);
  const names = Object.keys(distributions) as Name[];
  if (names.length === 0)
    throw new RangeError(
      `${caller}: there are no hyperparameters; name at least one, such as { rate: uniform(0, 1) }.`,
    );
  return names;
}
