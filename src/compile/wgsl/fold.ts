import { Expressions, floatLiteral, type Value } from "./expressions.js";
import { forEachOfThread, type KernelContext, SCRATCH } from "./kernel-shader.js";
import { type Loop, turnsOf, unravel } from "./loops.js";
import type { Index } from "./shader-memory.js";

export type FoldKind = "sum" | "maximum";

/** Values that are summed, or whose largest is sought, over some of the loops. */
export interface Fold {
  readonly kept: readonly Loop[];
  readonly folded: readonly Loop[];
  /** Neighbours in memory lie along what is folded. */
  readonly laneIsFolded: boolean;
  readonly kinds: readonly FoldKind[];
  /** What is folded at one place, and statements for everything that is computed beside it. */
  terms(index: Index): {
    readonly lines: readonly string[];
    readonly values: readonly Value[];
    readonly stores: readonly string[];
  };
  /** The words of the results. */
  results(index: Index): readonly string[];
}

/** Partial results that one thread adds up at a time. */
const FAN_IN = 8;

/**
 * Emits folds. Where there are fewer results than threads, several threads share one: their partial results meet in
 * workgroup memory, and are added up in a fixed order.
 */
export function emitFold(fold: Fold, context: KernelContext): void {
  const { kept, folded, kinds } = fold;
  const [results, terms] = [turnsOf(kept), turnsOf(folded)];
  const shares = sharesOf(results, terms, context.threads, kinds.length, context.scratchWords);
  if (shares === 1) {
    forEachOfThread(context, results, () => {
      const place = unravel(kept, "n", "i");
      context.code.add(...place.lines);
      accumulate(fold, place.index, "0u", 1, context);
      context.code.add(...fold.results(place.index).map((word, i) => `${word} = bitcast<u32>(sum${i});`));
    });
  } else emitSharedFold(fold, results, shares, context);
}

/** Threads for each result: a power of two that leaves each some terms. */
export function sharesOf(results: number, terms: number, threads: number, folds: number, scratchWords: number): number {
  let shares = 1;
  const fits = (count: number) =>
    results * count <= threads && count * 2 <= terms && results * count * folds <= scratchWords;
  while (fits(2 * shares)) shares *= 2;
  return shares;
}

function emitSharedFold(fold: Fold, results: number, shares: number, context: KernelContext): void {
  const { code } = context;
  const active = results * shares;
  const [result, share] = fold.laneIsFolded
    ? [`n / ${shares}u`, `n % ${shares}u`]
    : [`n % ${results}u`, `n / ${results}u`];
  forEachOfThread(context, active, () => {
    code.add(`let result = ${result};`, `let share = ${share};`);
    const place = unravel(fold.kept, "result", "i");
    code.add(...place.lines);
    accumulate(fold, place.index, "share", shares, context);
    fold.kinds.forEach((_, i) =>
      code.add(`${SCRATCH}[share * ${results}u + result + ${i * active}u] = bitcast<u32>(sum${i});`),
    );
  });
  combineShares(fold.kinds, results, shares, context);
  forEachOfThread(context, results, () => {
    const place = unravel(fold.kept, "n", "i");
    code.add(...place.lines);
    code.add(...fold.results(place.index).map((word, i) => `${word} = ${SCRATCH}[n + ${i * active}u];`));
  });
}

/** Adds up what threads have left in the scratch memory; the results are its first words, for the threads that own them. */
function combineShares(kinds: readonly FoldKind[], results: number, shares: number, context: KernelContext): void {
  const { code } = context;
  for (let left = shares; left > 1;) {
    const fan = Math.min(FAN_IN, left);
    left /= fan;
    const summed = results * left;
    context.barrier(SCRATCH);
    forEachOfThread(context, summed, () => {
      kinds.forEach((kind, i) => {
        const word = (j: number) => `${SCRATCH}[n + ${j * summed + i * results * shares}u]`;
        const e = new Expressions(`s${i}_`);
        const values = Array.from({ length: fan }, (_, j) => e.value(`bitcast<f32>(${word(j)})`, "f32"));
        const total = values.reduce((sum, value) => combine(e, kind, sum, value));
        code.add(...e.lines, `${word(0)} = bitcast<u32>(${total.text});`);
      });
    });
  }
}

function accumulate(fold: Fold, place: Index, first: string, stride: number, { code }: KernelContext): void {
  const { folded, kinds } = fold;
  kinds.forEach((kind, i) => code.add(`var sum${i} = ${kind === "sum" ? "0f" : floatLiteral(-Infinity)};`));
  const heading = `for (var f = ${first}; f < ${turnsOf(folded)}u; f += ${stride}u)`;
  const body = (): void => {
    const turn = unravel(folded, "f", "j");
    const { lines, values, stores } = fold.terms(new Map([...place, ...turn.index]));
    code.add(...turn.lines, ...lines, ...stores);
    kinds.forEach((kind, i) => {
      const e = new Expressions(`t${i}_`);
      const total = combine(e, kind, e.named(`sum${i}`, "f32"), values[i]!);
      code.add(...e.lines, `sum${i} = ${total.text};`);
    });
  };
  code.repeated(turnsOf(folded) / stride, () => code.block(heading, body));
}

const combine = (e: Expressions, kind: FoldKind, a: Value, b: Value): Value =>
  kind === "sum" ? e.add(a, b) : e.maxOrNaN(a, b);
