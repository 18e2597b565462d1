import { freeTensors, isView, type Loop, parametersOf } from "./loop.js";
import { topologicalOrder } from "./program.js";
import { finalOf, loopOf, parameter, stackOf } from "./scan.js";
import { Tensor } from "./tensor.js";

/** What a loop was asked for, and its cotangent. */
export interface LoopResult {
  readonly result: Tensor;
  readonly cotangent: Tensor;
}

/** Reverse mode: cotangents of `tensors` from those of others, without looking into what is given. */
type Propagate = (
  seeds: ReadonlyMap<Tensor, Tensor>,
  tensors: readonly Tensor[],
  given: ReadonlySet<Tensor>,
) => (Tensor | undefined)[];

/** Adds a cotangent to those that a tensor has already. */
export function accumulate(cotangents: Map<Tensor, Tensor>, tensor: Tensor, contribution: Tensor): void {
  const sum = cotangents.get(tensor);
  cotangents.set(tensor, sum ? sum.add(contribution) : contribution);
}

/**
 * Cotangents of a scan's inputs: a loop in the other direction that carries the cotangent of the carry, and the sums of
 * those of captured tensors. What it needs of the forward loop's body it reads from stacks, or computes again.
 */
export function pullbackOfScan(
  scan: Tensor,
  results: readonly LoopResult[],
  propagate: Propagate,
): readonly (Tensor | undefined)[] {
  const loop = loopOf(scan);
  const { captured, carry, next, slices } = loop;
  const seeds = new Map<Tensor, Tensor>();
  const given: { parameter: Tensor; stack: Tensor }[] = [];
  const ends = new Map<number, Tensor>();
  for (const { result, cotangent } of results) {
    const { name, attributes } = result.call;
    if (name === "final") {
      const sum = ends.get(attributes.index);
      ends.set(attributes.index, sum ? sum.add(cotangent) : cotangent);
    } else if (name === "stacked") {
      const slice = parameterLike(attributes.value);
      given.push({ parameter: slice, stack: cotangent });
      accumulate(seeds, attributes.value, slice);
    }
  }
  const floats = carry.flatMap(({ dtype }, i) => (dtype === "f32" ? [i] : []));
  const incoming = floats.map((i) => parameterLike(carry[i]!));
  floats.forEach((i, k) => accumulate(seeds, next[i]!, incoming[k]!));
  const outgoing = propagate(seeds, [...captured, ...carry, ...slices], parametersOf(loop));
  const ofCaptured = outgoing.slice(0, captured.length);
  const ofCarry = outgoing.slice(captured.length, captured.length + carry.length);
  const ofSlices = outgoing.slice(captured.length + carry.length);
  const sums = ofCaptured.map((cotangent) => cotangent && { cotangent, sum: parameterLike(cotangent) });
  const present = sums.filter((sum) => sum !== undefined);

  const backward = {
    carry: [...incoming, ...present.map(({ sum }) => sum)],
    next: [
      ...floats.map((i) => ofCarry[i] ?? carry[i]!.zerosLike()),
      ...present.map(({ sum, cotangent }) => sum.add(cotangent)),
    ],
    starts: [...floats.map((i) => ends.get(i) ?? carry[i]!.zerosLike()), ...present.map(({ sum }) => sum.zerosLike())],
    given,
  };
  const outputs = ofSlices.filter((cotangent) => cotangent !== undefined);
  const reversed = reversedScan(scan, [...next, ...seeds.keys()], backward, outputs);
  let nextSum = floats.length;
  return [
    ...sums.map((sum) => sum && finalOf(reversed, nextSum++)),
    ...carry.map((_, i) => (floats.includes(i) ? finalOf(reversed, floats.indexOf(i)) : undefined)),
    ...ofSlices.map((cotangent) => cotangent && stackOf(reversed, cotangent)),
  ];
}

interface Backward {
  readonly carry: readonly Tensor[];
  readonly next: readonly Tensor[];
  readonly starts: readonly Tensor[];
  /** Cotangents of stacks, and what stands for their elements. */
  readonly given: readonly { readonly parameter: Tensor; readonly stack: Tensor }[];
}

function reversedScan(
  scan: Tensor,
  forwardRoots: readonly Tensor[],
  { carry, next, starts, given }: Backward,
  outputs: readonly Tensor[],
): Tensor {
  const loop = loopOf(scan);
  const { length, recompute, index } = loop;
  const own = [...carry, ...given.map((entry) => entry.parameter)];
  const read = readFromForward(loop, forwardRoots, [...next, ...outputs], new Set(own));
  const operand = (tensor: Tensor): Tensor => {
    const numbers = [...loop.captured, ...loop.carry, ...loop.slices];
    return scan.inputs[numbers.indexOf(tensor)]!;
  };
  const again = loop.captured.filter((tensor) => read.has(tensor));
  const slices = [...read].filter((tensor) => !again.includes(tensor));
  const free = freeTensors([...next, ...outputs], new Set([...own, ...read, index]));
  const reversed: Loop = {
    length,
    reverse: !loop.reverse,
    recompute,
    index,
    captured: [...again, ...free],
    carry,
    next,
    slices: [...given.map((entry) => entry.parameter), ...slices],
  };
  return Tensor.apply("scan", { loop: reversed }, [
    ...again.map(operand),
    ...free,
    ...starts,
    ...given.map(({ stack }) => stack),
    ...slices.map((tensor) => (loop.slices.includes(tensor) ? operand(tensor) : stackOf(scan, tensor))),
  ]);
}

/**
 * The tensors of the forward body that the backward one starts from: captured ones, slices, and whatever has to be
 * stacked. With `recompute` that is the carry alone.
 */
function readFromForward(
  loop: Loop,
  forwardRoots: readonly Tensor[],
  roots: readonly Tensor[],
  own: ReadonlySet<Tensor>,
): Set<Tensor> {
  const parameters = parametersOf(loop);
  const forward = new Set(topologicalOrder(forwardRoots, parameters));
  // What is asked of a loop inside is kept, and not the loop, which has no value.
  const keeps = (tensor: Tensor): boolean =>
    tensor.inputs.some(({ call }) => call.name === "scan")
      ? forward.has(tensor.inputs[0]!)
      : forward.has(tensor) && tensor.inputs.length > 0 && !isView(tensor) && tensor.call.name !== "reshape";
  const read = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const stack = [...roots];
  while (stack.length > 0) {
    const tensor = stack.pop()!;
    if (seen.has(tensor) || own.has(tensor) || tensor === loop.index) continue;
    seen.add(tensor);
    if (parameters.has(tensor) || (!loop.recompute && keeps(tensor))) read.add(tensor);
    else stack.push(...tensor.inputs);
  }
  return read;
}

const parameterLike = ({ shape, dtype }: Tensor): Tensor => parameter(shape, dtype);
