import { Neighbours } from "./neighbours.js";
import { OtherWork } from "./other-work.js";

/** Somebody who is timed. */
export interface Contestant {
  /** The seconds, or whatever is measured, of one repetition: a tenth of a second or so, as a quiet interval may be short. */
  readonly measure: () => Promise<number>;
  /** The processes that work, beside this one and those whose end it awaits. */
  readonly pids?: readonly (number | undefined)[];
}

/** What is kept of each, and how many rounds may be spent on it, unless told otherwise. */
const REPETITIONS = 7;
const MOST_ROUNDS = 100;

interface Repetition {
  readonly value: number;
  /** Share of the machine's best that it had to itself. */
  readonly quiet: number;
}

let neighbours: Neighbours | undefined;
const counts = { quiet: 0, kept: 0 };

/**
 * Measures all contestants in turn until seven repetitions of each had a quiet interval, and answers with those; where that
 * does not come about in so many rounds, with the quietest seven. Quiet: nobody else in this system used more than a few
 * percent of it, and nobody else on the host the same cores before and after. What is measured has no say in it.
 */
export async function interleaved(contestants: readonly Contestant[], rounds = MOST_ROUNDS): Promise<number[][]> {
  neighbours ??= Neighbours.watch();
  const all = contestants.map((): Repetition[] => []);
  let before = neighbours.idleShare();
  for (let round = 0; round < rounds && !all.every(isEnough); round++) {
    for (const [k, { measure, pids }] of contestants.entries()) {
      const others = new OtherWork(pids);
      const value = await measure();
      const alone = others.areIdle();
      const after = neighbours.idleShare();
      all[k]!.push({ value, quiet: alone ? Math.min(before, after) : 0 });
      before = after;
    }
  }
  return all.map((repetitions) => {
    const kept = repetitions.toSorted((a, b) => b.quiet - a.quiet).slice(0, REPETITIONS);
    counts.quiet += kept.filter(isQuiet).length;
    counts.kept += kept.length;
    return kept.map(({ value }) => value);
  });
}

const isQuiet = ({ quiet }: Repetition): boolean => quiet >= 0.85;
const isEnough = (repetitions: readonly Repetition[]): boolean => repetitions.filter(isQuiet).length >= REPETITIONS;

/** For a report: how many of the repetitions had a quiet interval, and how that was told; undefined before any. */
export function quietness(): string | undefined {
  if (!neighbours) return undefined;
  return `${counts.quiet} of ${counts.kept} repetitions, by ${neighbours.description}`;
}
