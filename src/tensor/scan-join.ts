import type { Loop } from "./loop.js";
import { topologicalOrder } from "./program.js";
import { finalOf, loopOf } from "./scan.js";
import { Tensor } from "./tensor.js";

/** Which loops may be joined: those among some scans, without looking into what is given. */
interface JoinOptions {
  readonly given?: ReadonlySet<Tensor>;
  readonly among?: ReadonlySet<Tensor>;
}

/**
 * The same values, computed by fewer loops: those over one body run as one. Differentiation makes such loops: that of the
 * tangents carries the values once more beside the loop that computes the values alone. Loops of which one needs what
 * the other leaves behind stay two.
 */
export function joinLoops(roots: readonly Tensor[], { given = new Set(), among }: JoinOptions = {}): readonly Tensor[] {
  const candidates = among && new Set(among);
  for (let joined = roots; ;) {
    const tensors = topologicalOrder(joined, given);
    const pair = findPair(tensors.filter((tensor) => tensor.call.name === "scan" && candidates?.has(tensor) !== false));
    if (!pair) return joined;
    const rebuilt = join(joined, pair, given);
    for (const tensor of [...(candidates ?? [])]) candidates!.add(rebuilt.get(tensor) ?? tensor);
    joined = joined.map((root) => rebuilt.get(root) ?? root);
  }
}

type Pair = readonly [first: Tensor, second: Tensor];

/** Two loops that can be one, of scans that come after their inputs. */
function findPair(scans: readonly Tensor[]): Pair | undefined {
  const byIndex = new Map<Tensor, Tensor[]>();
  for (const scan of scans) {
    const { index } = loopOf(scan);
    const before = byIndex.get(index) ?? [];
    const fitting = before.find((other) => haveOneBody(other, scan) && !dependsOn(scan, other));
    if (fitting) return [fitting, scan];
    byIndex.set(index, [...before, scan]);
  }
  return undefined;
}

/** What a parameter of a body stands for: two loops that share it can only be one where they agree on all of it. */
interface Meaning {
  readonly role: "captured" | "carry" | "slice";
  readonly operand: Tensor;
  readonly next?: Tensor;
}

function meanings(scan: Tensor): Map<Tensor, Meaning> {
  const { captured, carry, next, slices } = loopOf(scan);
  const { inputs } = scan;
  const [firstCarry, firstSlice] = [captured.length, captured.length + carry.length];
  return new Map<Tensor, Meaning>([
    ...captured.map((tensor, i) => [tensor, { role: "captured", operand: inputs[i]! }] as const),
    ...carry.map((tensor, i) => [tensor, { role: "carry", operand: inputs[firstCarry + i]!, next: next[i]! }] as const),
    ...slices.map((tensor, i) => [tensor, { role: "slice", operand: inputs[firstSlice + i]! }] as const),
  ]);
}

function haveOneBody(a: Tensor, b: Tensor): boolean {
  const [first, second] = [loopOf(a), loopOf(b)];
  const alike = (["length", "reverse", "goesOn"] as const).every((key) => first[key] === second[key]);
  if (!alike) return false;
  const known = meanings(a);
  return Array.from(meanings(b)).every(([parameter, { role, operand, next }]) => {
    const other = known.get(parameter);
    return !other || (other.role === role && other.operand === operand && other.next === next);
  });
}

function dependsOn(tensor: Tensor, other: Tensor): boolean {
  const seen = new Set<Tensor>();
  const stack = [...tensor.inputs];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next === other) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    stack.push(...next.inputs);
  }
  return false;
}

/** What the roots, and the tensors between them and two loops, become when one loop carries what both carried. */
function join(roots: readonly Tensor[], pair: Pair, given: ReadonlySet<Tensor>): ReadonlyMap<Tensor, Tensor> {
  const [first, second] = pair;
  const inputsOf = (tensor: Tensor) =>
    tensor === first || tensor === second ? [...first.inputs, ...second.inputs] : tensor.inputs;
  const rebuilt = new Map<Tensor, Tensor>();
  const now = (tensor: Tensor): Tensor => rebuilt.get(tensor) ?? tensor;
  for (const tensor of topologicalOrder(roots, given, inputsOf)) {
    if (given.has(tensor)) continue;
    if (tensor === first || tensor === second) {
      const union = rebuilt.get(first) ?? unionOf(pair, now);
      rebuilt.set(first, union).set(second, union);
    } else if (tensor.inputs.some((input) => rebuilt.has(input))) rebuilt.set(tensor, readingFrom(tensor, now));
  }
  return rebuilt;
}

/** The same operation on what its inputs have become. */
function readingFrom({ call, inputs }: Tensor, now: (tensor: Tensor) => Tensor): Tensor {
  if (call.name === "final") {
    const [scan] = inputs;
    const part = loopOf(scan!).carry[call.attributes.index]!;
    return finalOf(now(scan!), loopOf(now(scan!)).carry.indexOf(part));
  }
  return Tensor.apply(call.name, call.attributes, inputs.map(now));
}

function unionOf([first, second]: Pair, now: (tensor: Tensor) => Tensor): Tensor {
  const all = new Map([...meanings(first), ...meanings(second)]);
  const of = (role: Meaning["role"]) => Array.from(all).filter(([, meaning]) => meaning.role === role);
  const [captured, carry, slices] = [of("captured"), of("carry"), of("slice")];
  const parameters = (entries: typeof captured) => entries.map(([parameter]) => parameter);
  const loop: Loop = {
    ...loopOf(first),
    captured: parameters(captured),
    carry: parameters(carry),
    next: carry.map(([, { next }]) => next!),
    slices: parameters(slices),
  };
  const operands = [...captured, ...carry, ...slices].map(([, { operand }]) => now(operand));
  return Tensor.apply("scan", { loop }, operands);
}
