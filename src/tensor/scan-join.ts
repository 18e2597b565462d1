import { type Loop, parametersOf } from "./loop.js";
import { topologicalOrder } from "./program.js";
import { finalOf, loopOf, stackOf } from "./scan.js";
import { Tensor } from "./tensor.js";

/** Which loops may be joined: those among some scans, without looking into what is given. */
interface JoinOptions {
  readonly given?: ReadonlySet<Tensor>;
  readonly among?: ReadonlySet<Tensor>;
  /** Whether to join loops in the bodies of those that are joined, too, before somebody differentiates them one by one. */
  readonly inBodies?: boolean;
}

/**
 * The same values, computed by fewer loops: those over one body run as one. Differentiation makes such loops: that of the
 * tangents carries the values once more beside the loop that computes the values alone. Loops of which one needs what
 * the other leaves behind stay two.
 */
export function joinLoops(roots: readonly Tensor[], options: JoinOptions = {}): readonly Tensor[] {
  const { given = new Set(), among, inBodies = false } = options;
  const candidates = among && new Set(among);
  for (let joined = roots; ;) {
    const tensors = topologicalOrder(joined, given);
    const pair = findPair(tensors.filter((tensor) => tensor.call.name === "scan" && candidates?.has(tensor) !== false));
    if (!pair) return joined;
    const rebuilt = join(joined, pair, { given, inBodies });
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
function join(
  roots: readonly Tensor[],
  pair: Pair,
  { given, inBodies }: { readonly given: ReadonlySet<Tensor>; readonly inBodies: boolean },
): ReadonlyMap<Tensor, Tensor> {
  const [first, second] = pair;
  const inputsOf = (tensor: Tensor) =>
    tensor === first || tensor === second ? [...first.inputs, ...second.inputs] : tensor.inputs;
  const rebuilt = new Map<Tensor, Tensor>();
  const now = (tensor: Tensor): Tensor => rebuilt.get(tensor) ?? tensor;
  const tensors = topologicalOrder(roots, given, inputsOf);
  const inside = inBodies ? joinedBody(pair, tensors) : new Map<Tensor, Tensor>();
  for (const tensor of tensors) {
    if (given.has(tensor)) continue;
    if (tensor === first || tensor === second) {
      const union = rebuilt.get(first) ?? unionOf(pair, now, inside);
      rebuilt.set(first, union).set(second, union);
    } else if (tensor.inputs.some((input) => rebuilt.has(input))) {
      const isOfPair = pair.includes(tensor.inputs[0]!);
      rebuilt.set(tensor, readingFrom(tensor, now, isOfPair ? inside : new Map<Tensor, Tensor>()));
    }
  }
  return rebuilt;
}

/** What the two loops hand on, and what is stacked of them, become when loops in their common body are joined. */
function joinedBody(pair: Pair, tensors: readonly Tensor[]): ReadonlyMap<Tensor, Tensor> {
  const stacked = tensors.flatMap(({ call, inputs }) =>
    call.name === "stacked" && pair.includes(inputs[0]!) ? [call.attributes.value] : [],
  );
  const roots = [...new Set([...pair.flatMap((scan) => loopOf(scan).next), ...stacked])];
  const given = new Set(pair.flatMap((scan) => [...parametersOf(loopOf(scan))]));
  const joined = joinLoops(roots, { given, inBodies: true });
  return new Map(roots.map((root, i) => [root, joined[i]!]));
}

/** The same operation on what its inputs have become; `inside`: what tensors of a loop's body have. */
function readingFrom(
  { call, inputs }: Tensor,
  now: (tensor: Tensor) => Tensor,
  inside: ReadonlyMap<Tensor, Tensor>,
): Tensor {
  const [scan] = inputs;
  if (call.name === "final") {
    const part = loopOf(scan!).carry[call.attributes.index]!;
    return finalOf(now(scan!), loopOf(now(scan!)).carry.indexOf(part));
  }
  if (call.name === "stacked") {
    const { value } = call.attributes;
    return stackOf(now(scan!), inside.get(value) ?? value);
  }
  return Tensor.apply(call.name, call.attributes, inputs.map(now));
}

function unionOf([first, second]: Pair, now: (tensor: Tensor) => Tensor, inside: ReadonlyMap<Tensor, Tensor>): Tensor {
  const all = new Map([...meanings(first), ...meanings(second)]);
  const of = (role: Meaning["role"]) => Array.from(all).filter(([, meaning]) => meaning.role === role);
  const [captured, carry, slices] = [of("captured"), of("carry"), of("slice")];
  const parameters = (entries: typeof captured) => entries.map(([parameter]) => parameter);
  const loop: Loop = {
    ...loopOf(first),
    captured: parameters(captured),
    carry: parameters(carry),
    next: carry.map(([, { next }]) => inside.get(next!) ?? next!),
    slices: parameters(slices),
  };
  const operands = [...captured, ...carry, ...slices].map(([, { operand }]) => now(operand));
  return Tensor.apply("scan", { loop }, operands);
}
