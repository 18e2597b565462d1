import { Expressions, floatLiteral, type Value } from "./expressions.js";
import { forEachOfThread, type KernelContext, SCRATCH } from "./kernel-shader.js";

export type FoldKind = "sum" | "maximum";

/** Several threads for each result: their partial results have to meet. */
export interface Shares {
  readonly results: number;
  /** Threads of a result; a power of two. */
  readonly count: number;
  /** How each of the numbers is folded that a result consists of. */
  readonly kinds: readonly FoldKind[];
  /** Partial results that one thread adds up at a time. */
  readonly fanIn: number;
  /** Whether neighbouring threads share a result, rather than own neighbouring ones, where nothing else decides. */
  readonly shareIsFastest: boolean;
}

/** Threads of a subgroup that share a result. */
const togetherOf = ({ count }: Shares, { subgroupSize }: KernelContext): number => Math.min(count, subgroupSize);

/** Which result a thread shares, and which share of it is the thread's. */
export function numbersOf(shares: Shares, context: KernelContext): { readonly result: string; readonly share: string } {
  const { results, count } = shares;
  return shares.shareIsFastest || togetherOf(shares, context) > 1
    ? { result: `n / ${count}u`, share: `n % ${count}u` }
    : { result: `n % ${results}u`, share: `n / ${results}u` };
}

/** What a number starts from. */
export const identityOf = (kind: FoldKind): string => (kind === "sum" ? "0f" : floatLiteral(-Infinity));

export const combine = (e: Expressions, kind: FoldKind, a: Value, b: Value): Value =>
  kind === "sum" ? e.add(a, b) : e.maxOrNaN(a, b);

/**
 * Brings the shares of results together: `compute` folds a thread's share into the variables of {@link shareName}, and
 * `store` is given the whole results, under the same names, and the number of the result. Neighbouring threads exchange their
 * numbers within a subgroup where the device has them, and through workgroup memory beyond; the order is always the same.
 */
export function meet(
  shares: Shares,
  context: KernelContext,
  compute: () => void,
  store: (result: string) => void,
): void {
  const { results, count, kinds } = shares;
  const { code } = context;
  const together = togetherOf(shares, context);
  const total = results * count;
  const { result, share } = numbersOf(shares, context);
  const names = kinds.map((_, i) => shareName(i));
  kinds.forEach((kind, i) => code.add(`var ${names[i]!} = ${identityOf(kind)};`));
  forEachOfThread(context, total, compute);
  for (let distance = 1; distance < together; distance *= 2) exchange(kinds, names, distance, context);
  const groups = count / together;
  if (groups === 1) {
    forEachOfThread(context, total, () => {
      code.block(`if (${share} == 0u)`, () => {
        code.add(`let result = ${result};`);
        store("result");
      });
    });
    return;
  }
  context.takeScratch(kinds.length * results * groups);
  forEachOfThread(context, total, () => {
    const leave = (): void => {
      code.add(`let place = (${share}) / ${together}u * ${results}u + ${result};`);
      code.add(...names.map((name, i) => `${SCRATCH}[place + ${i * results * groups}u] = bitcast<u32>(${name});`));
    };
    if (together > 1) code.block(`if (n % ${together}u == 0u)`, leave);
    else leave();
  });
  combineGroups(shares, groups, context);
  forEachOfThread(context, results, () => {
    names.forEach((name, i) => code.add(`let ${name} = bitcast<f32>(${SCRATCH}[n + ${i * results * groups}u]);`));
    store("n");
  });
}

export const shareName = (i: number): string => `folded${i}`;

/** Adds the numbers of the thread that is so far away. */
function exchange(
  kinds: readonly FoldKind[],
  names: readonly string[],
  distance: number,
  { code }: KernelContext,
): void {
  kinds.forEach((kind, i) => {
    const e = new Expressions(`x${i}_${distance}_`);
    const other = e.value(`subgroupShuffleXor(${names[i]!}, ${distance}u)`, "f32");
    const both = combine(e, kind, e.named(names[i]!, "f32"), other);
    code.add(...e.lines, `${names[i]!} = ${both.text};`);
  });
}

/** Folds what groups of threads have left in the scratch memory; the results are its first words. */
function combineGroups({ results, kinds, fanIn }: Shares, groups: number, context: KernelContext): void {
  const { code } = context;
  for (let left = groups; left > 1;) {
    const fan = Math.min(fanIn, left);
    left /= fan;
    const summed = results * left;
    context.barrier(SCRATCH);
    forEachOfThread(context, summed, () => {
      kinds.forEach((kind, i) => {
        const word = (j: number) => `${SCRATCH}[n + ${j * summed + i * results * groups}u]`;
        const e = new Expressions(`s${i}_`);
        const values = Array.from({ length: fan }, (_, j) => e.value(`bitcast<f32>(${word(j)})`, "f32"));
        const total = values.reduce((sum, value) => combine(e, kind, sum, value));
        code.add(...e.lines, `${word(0)} = bitcast<u32>(${total.text});`);
      });
    });
  }
}
