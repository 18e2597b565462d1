import { topologicalOrder } from "./program.js";
import type { Tensor } from "./tensor.js";

/**
 * A loop of a fixed number of iterations. Its body was traced once: the tensors `index`, `captured`, `carry` and
 * `slices` stand for what differs between iterations or comes from outside, `next` are computed from them. Which tensors
 * of the body are stacked is not said here: whoever needs one in all iterations asks for it.
 */
export interface Loop {
  readonly length: number;
  /** From the last index to the first. */
  readonly reverse: boolean;
  /** Differentiation keeps nothing of the body but the carry, and computes the rest again. */
  readonly recompute: boolean;
  /** Number of the iteration, i32. */
  readonly index: Tensor;
  /** Tensors of the outside that the body reads: the same in all iterations. */
  readonly captured: readonly Tensor[];
  /** What one iteration hands on to the next, at its beginning. */
  readonly carry: readonly Tensor[];
  /** The carry at the end of an iteration. */
  readonly next: readonly Tensor[];
  /** Stand for element `index` along the first axis of the loop's stacked operands. */
  readonly slices: readonly Tensor[];
  /**
   * A bool scalar of the body: where it is false, this iteration and all later ones leave the carry as it is, so that
   * whoever asks for no stack may leave the loop.
   */
  readonly goesOn?: Tensor | undefined;
}

/** A tensor of a loop's body was used where the body does not run. */
export const LEAKED_PARAMETER =
  "A tensor made inside the body of a scan is used outside of it. Return it from the body as carry or output, and use the result of scan.";

/** What a loop is asked for: parts of the carry by number, and tensors of the body. */
export interface Requests {
  readonly finals: Set<number>;
  readonly stacks: Set<Tensor>;
}

/** What the tensors of a program ask of its loops. */
export function requestsOf(tensors: readonly Tensor[]): Map<Tensor, Requests> {
  const found = new Map<Tensor, Requests>();
  for (const { call, inputs } of tensors) {
    if (call.name !== "final" && call.name !== "stacked") continue;
    const scan = inputs[0]!;
    const requests = found.get(scan) ?? { finals: new Set(), stacks: new Set() };
    if (call.name === "final") requests.finals.add(call.attributes.index);
    else requests.stacks.add(call.attributes.value);
    found.set(scan, requests);
  }
  return found;
}

/** What says whether a loop goes on, where leaving it changes nothing that it is asked for. */
export const exitOf = ({ goesOn }: Loop, { stacks }: Requests): Tensor | undefined =>
  stacks.size === 0 ? goesOn : undefined;

/** All tensors that stand for something in a loop's body. */
export const parametersOf = ({ index, captured, carry, slices }: Loop): Set<Tensor> =>
  new Set([index, ...captured, ...carry, ...slices]);

/** The numbers of those parts of the carry that the requested results depend on. */
export function liveCarry(loop: Loop, requests: Requests): number[] {
  const { carry, next } = loop;
  const { finals, stacks } = requests;
  const parameters = parametersOf(loop);
  const exit = exitOf(loop, requests);
  let live: number[] = [];
  for (;;) {
    const roots = [...stacks, ...(exit ? [exit] : []), ...live.map((i) => next[i]!)];
    const reached = new Set(topologicalOrder(roots, parameters));
    const grown = carry.flatMap((tensor, i) => (finals.has(i) || live.includes(i) || reached.has(tensor) ? [i] : []));
    if (grown.length === live.length) return live;
    live = grown;
  }
}

/** Operations that move elements and cost nothing where they are read. */
const VIEWS: ReadonlySet<string> = new Set(["broadcast", "transpose", "slice"]);

/** Tensors that are read where they are needed rather than computed and kept. */
export const isView = ({ call }: Tensor): boolean => VIEWS.has(call.name);

/**
 * The tensors that a body computes from others than its parameters, where it reads them: they become captured. Constants,
 * and views of what is captured, stay in the body.
 */
export function freeTensors(roots: readonly Tensor[], parameters: ReadonlySet<Tensor>): Tensor[] {
  const dependent = new Set<Tensor>(parameters);
  const read = new Set<Tensor>(roots);
  for (const tensor of topologicalOrder(roots, parameters)) {
    if (parameters.has(tensor) || !tensor.inputs.some((input) => dependent.has(input))) continue;
    dependent.add(tensor);
    for (const input of tensor.inputs) read.add(input);
  }
  const free = new Set<Tensor>();
  const capture = (tensor: Tensor): void => {
    if (dependent.has(tensor) || tensor.call.name === "constant" || tensor.call.name === "iota") return;
    if (isView(tensor)) tensor.inputs.forEach(capture);
    else free.add(tensor);
  };
  read.forEach(capture);
  return [...free];
}
