import { Expressions, type Value } from "./expressions.js";
import { type BlockSums, forEachOfThread, keptNumber, type KernelContext } from "./kernel-shader.js";
import { type Loop, type Turn, turnsOf, unravel } from "./loops.js";
import type { Index } from "./shader-memory.js";
import { combine, type FoldKind, identityOf, meet, numbersOf, shareName, type Shares } from "./shares.js";

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
  new FoldEmitter(fold, context).emit();
}

/** The same of sums over the blocks of a batch. */
export const foldSums = (fold: Fold, context: KernelContext): BlockSums => new FoldEmitter(fold, context);

class FoldEmitter implements BlockSums {
  private readonly shares: Shares;

  constructor(
    private readonly fold: Fold,
    private readonly context: KernelContext,
  ) {
    const { kept, folded, kinds, laneIsFolded } = fold;
    const results = turnsOf(kept);
    const count = sharesOf(results, turnsOf(folded), context.threads, kinds.length, context.scratchWords);
    this.shares = { results, count, kinds, fanIn: FAN_IN, shareIsFastest: laneIsFolded };
  }

  emit(): void {
    this.finish((place) => this.accumulate(place, (i) => identityOf(this.fold.kinds[i]!)));
  }

  get perThread(): number {
    return this.fold.kinds.length * Math.ceil(this.total / this.context.threads);
  }

  emitBlock(sums: string): void {
    this.forEachShare((place) => {
      this.accumulate(place, (i) => this.kept(sums, i));
      this.context.code.add(...this.fold.kinds.map((_, i) => `${this.kept(sums, i)} = sum${i};`));
    });
  }

  emitEnd(sums: string): void {
    this.finish(() => this.context.code.add(...this.fold.kinds.map((_, i) => `let sum${i} = ${this.kept(sums, i)};`)));
  }

  /** Folds shares by `compute`, which leaves them in variables, and stores the results. */
  private finish(compute: (place: Index) => void): void {
    const { fold, context, shares } = this;
    const { code } = context;
    const store = (place: Index, name: (i: number) => string): void => {
      code.add(...fold.results(place).map((word, i) => `${word} = bitcast<u32>(${name(i)});`));
    };
    if (shares.count === 1) {
      this.forEachShare((place) => {
        compute(place);
        store(place, sumName);
      });
      return;
    }
    const computeShare = (): void => {
      compute(this.declareShare());
      code.add(...fold.kinds.map((_, i) => `${shareName(i)} = ${sumName(i)};`));
    };
    meet(shares, context, computeShare, (result) => {
      const place = unravel(fold.kept, result, "i");
      code.add(...place.lines);
      store(place.index, shareName);
    });
  }

  /** Threads that fold something. */
  private get total(): number {
    return this.shares.results * this.shares.count;
  }

  private kept(sums: string, i: number): string {
    return keptNumber(this.context, sums, this.total, this.fold.kinds.length, i);
  }

  private forEachShare(body: (place: Index) => void): void {
    forEachOfThread(this.context, this.total, () => body(this.declareShare()));
  }

  /** Declares which result a thread folds, and which share of it. */
  private declareShare(): Index {
    const { context, fold, shares } = this;
    const { result, share } = numbersOf(shares, context);
    if (shares.count > 1) context.code.add(`let result = ${result};`, `let share = ${share};`);
    const place = unravel(fold.kept, shares.count > 1 ? "result" : "n", "i");
    context.code.add(...place.lines);
    return place.index;
  }

  /** Folds a thread's terms into variables that start from given values. */
  private accumulate(place: Index, start: (i: number) => string): void {
    const { fold, shares } = this;
    const { code } = this.context;
    fold.kinds.forEach((_, i) => code.add(`var ${sumName(i)} = ${start(i)};`));
    const { count } = shares;
    const turns = turnsOf(fold.folded);
    const areEven = count > 1 && turns % count === 0;
    const number: Turn = areEven ? { first: "share", turn: "turn", step: count } : "f";
    const body = (): void => {
      const turn = unravel(fold.folded, number, "j");
      const { lines, values, stores } = fold.terms(new Map([...place, ...turn.index]));
      code.add(...turn.lines, ...lines, ...stores);
      fold.kinds.forEach((kind, i) => {
        const e = new Expressions(`t${i}_`);
        const total = combine(e, kind, e.named(`sum${i}`, "f32"), values[i]!);
        code.add(...e.lines, `sum${i} = ${total.text};`);
      });
    };
    const heading = areEven
      ? `for (var turn = 0u; turn < ${turns / count}u; turn++)`
      : `for (var f = ${count > 1 ? "share" : "0u"}; f < ${turns}u; f += ${count}u)`;
    code.repeated(turns / count, () => code.block(heading, body));
  }
}

const sumName = (i: number): string => `sum${i}`;

/** Threads for each result: a power of two that leaves each some terms. */
export function sharesOf(results: number, terms: number, threads: number, folds: number, scratchWords: number): number {
  let shares = 1;
  const fits = (count: number) =>
    results * count <= threads && count * 2 <= terms && results * count * folds <= scratchWords;
  while (fits(2 * shares)) shares *= 2;
  return shares;
}
