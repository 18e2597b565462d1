import type { ElementwiseOperation, OperationName, ReferenceArray } from "../tensor/operation.js";
import { operationOf } from "../tensor/operations/index.js";
import { exitOf, LEAKED_PARAMETER, type Requests, requestsOf } from "../tensor/loop.js";
import { type Program, rootsOf, topologicalOrder } from "../tensor/program.js";
import { loopOf } from "../tensor/scan.js";
import { type DType, showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

type Values = ArrayLike<number>;

/**
 * Values of tensors in row-major order, in float64 (f32), exact integers (u32, i32) and 0 or 1 (bool): the oracle of
 * every engine. `values` holds the inputs by name, `given` what is known already.
 */
export function evaluate(
  tensors: readonly Tensor[],
  values: ReadonlyMap<string, Values> = new Map(),
  given: ReadonlyMap<Tensor, Values> = new Map(),
): Values[] {
  const known = new Map(given);
  const order = topologicalOrder(tensors, given);
  const requests = requestsOf(order);
  const loops = new Map<Tensor, LoopValues>();
  for (const tensor of order) {
    if (known.has(tensor)) continue;
    if (tensor.call.name === "scan") {
      loops.set(tensor, runLoop(tensor, requests.get(tensor)!, known, values));
    } else if (tensor.call.name === "final") {
      known.set(tensor, loops.get(tensor.inputs[0]!)!.carry[tensor.call.attributes.index]!);
    } else if (tensor.call.name === "stacked") {
      known.set(tensor, loops.get(tensor.inputs[0]!)!.stacks.get(tensor.call.attributes.value)!);
    } else known.set(tensor, evaluateOne(tensor, known, values));
  }
  return tensors.map((tensor) => known.get(tensor)!);
}

function evaluateOne(tensor: Tensor, known: ReadonlyMap<Tensor, Values>, values: ReadonlyMap<string, Values>): Values {
  const { call } = tensor;
  if (call.name === "input") return checkedInput(tensor, call.attributes.name, values);
  const operation = operationOf<OperationName>(call.name);
  const inputs = tensor.inputs.map((input): ReferenceArray => ({ shape: input.shape, data: known.get(input)! }));
  if (operation.kind === "loop") throw new Error(LEAKED_PARAMETER);
  return operation.kind === "elementwise"
    ? elementByElement(operation, tensor, inputs)
    : operation.reference(inputs, call.attributes, tensor);
}

/** What a loop leaves behind. */
interface LoopValues {
  readonly carry: readonly Values[];
  readonly stacks: ReadonlyMap<Tensor, Values>;
}

function runLoop(
  scan: Tensor,
  requests: Requests,
  known: ReadonlyMap<Tensor, Values>,
  values: ReadonlyMap<string, Values>,
): LoopValues {
  const loop = loopOf(scan);
  const { length, reverse, index, captured, carry, next, slices } = loop;
  const { stacks } = requests;
  const exit = exitOf(loop, requests);
  const operands = scan.inputs.map((input) => known.get(input)!);
  const sequences = operands.slice(captured.length + carry.length);
  const kept = new Map([...stacks].map((tensor) => [tensor, new Float64Array(length * tensor.size)]));
  let present = operands.slice(captured.length, captured.length + carry.length);
  for (let turn = 0; turn < length; turn++) {
    const i = reverse ? length - 1 - turn : turn;
    const given = new Map<Tensor, Values>([[index, [i]]]);
    captured.forEach((tensor, k) => given.set(tensor, operands[k]!));
    carry.forEach((tensor, k) => given.set(tensor, present[k]!));
    slices.forEach((tensor, k) =>
      given.set(tensor, Array.from(sequences[k]!).slice(i * tensor.size, (i + 1) * tensor.size)),
    );
    const results = evaluate([...next, ...stacks, ...(exit ? [exit] : [])], values, given);
    present = results.slice(0, next.length);
    [...kept].forEach(([tensor, all], k) => all.set(results[next.length + k]!, i * tensor.size));
    if (exit && results.at(-1)![0] === 0) break;
  }
  return { carry: present, stacks: kept };
}

function checkedInput(tensor: Tensor, name: string, values: ReadonlyMap<string, Values>): Values {
  const given = values.get(name);
  if (given?.length === tensor.size) return given;
  const got = given ? `${given.length} values` : "none";
  throw new RangeError(`Input "${name}" of shape ${showShape(tensor.shape)} takes ${tensor.size} values, got ${got}.`);
}

function elementByElement(
  operation: ElementwiseOperation<OperationName>,
  tensor: Tensor,
  inputs: readonly ReferenceArray[],
): Float64Array {
  const types: { inputs: readonly DType[] } = { inputs: tensor.inputs.map((input) => input.dtype) };
  const lane = new Array<number>(inputs.length);
  const { attributes } = tensor.call;
  return Float64Array.from({ length: tensor.size }, (_, i) => {
    for (let k = 0; k < lane.length; k++) lane[k] = inputs[k]!.data[i]!;
    return operation.reference(lane, attributes, types);
  });
}

/** Runs a program step by step in float64: what a compiled one is compared with. */
export class Interpreter {
  private readonly values: Map<string, Values>;
  private outputs = new Map<string, Values>();

  /** `inputs` holds state and hyperparameters by name; what is missing is zero, as in a member's fresh memory. */
  constructor(
    private readonly program: Program,
    inputs: Readonly<Record<string, Values>> = {},
  ) {
    this.values = new Map(
      program.inputs.map(({ name, tensor }) => [name, inputs[name] ?? new Float64Array(tensor.size)]),
    );
  }

  run(steps = 1): this {
    const { program, values } = this;
    for (let step = 0; step < steps; step++) {
      const results = evaluate(rootsOf(program), values);
      program.updates.forEach(({ input }, i) => values.set(input, results[i]!));
      this.outputs = new Map(program.outputs.map(({ name }, i) => [name, results[program.updates.length + i]!]));
    }
    return this;
  }

  /** Replaces an input's value, row-major. */
  write(name: string, values: Values): void {
    if (!this.values.has(name)) throw new RangeError(`The program has no input "${name}".`);
    this.values.set(name, values);
  }

  /** An output of the last step, or an input's present value, row-major. */
  read(name: string): Values {
    const found = this.outputs.get(name) ?? this.values.get(name);
    if (!found) throw new RangeError(`The program has no output or input "${name}".`);
    return found;
  }
}
