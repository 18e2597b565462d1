import type { ElementwiseOperation, OperationName, ReferenceArray } from "../tensor/operation.js";
import { operationOf } from "../tensor/operations/index.js";
import { type Program, rootsOf, topologicalOrder } from "../tensor/program.js";
import { type DType, showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * Values of tensors in row-major order, in float64 (f32), exact integers (u32, i32) and 0 or 1 (bool): the oracle of
 * every engine. `values` holds the inputs by name.
 */
export function evaluate(
  tensors: readonly Tensor[],
  values: ReadonlyMap<string, ArrayLike<number>> = new Map(),
): ArrayLike<number>[] {
  const known = new Map<Tensor, ArrayLike<number>>();
  for (const tensor of topologicalOrder(tensors)) known.set(tensor, evaluateOne(tensor, known, values));
  return tensors.map((tensor) => known.get(tensor)!);
}

function evaluateOne(
  tensor: Tensor,
  known: ReadonlyMap<Tensor, ArrayLike<number>>,
  values: ReadonlyMap<string, ArrayLike<number>>,
): ArrayLike<number> {
  const { call } = tensor;
  if (call.name === "input") return checkedInput(tensor, call.attributes.name, values);
  const operation = operationOf<OperationName>(call.name);
  const inputs = tensor.inputs.map((input): ReferenceArray => ({ shape: input.shape, data: known.get(input)! }));
  return operation.kind === "elementwise"
    ? elementByElement(operation, tensor, inputs)
    : operation.reference(inputs, call.attributes, tensor);
}

function checkedInput(tensor: Tensor, name: string, values: ReadonlyMap<string, ArrayLike<number>>): ArrayLike<number> {
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
  private readonly values: Map<string, ArrayLike<number>>;
  private outputs = new Map<string, ArrayLike<number>>();

  /** `inputs` holds state and hyperparameters by name; what is missing is zero, as in a member's fresh memory. */
  constructor(
    private readonly program: Program,
    inputs: Readonly<Record<string, ArrayLike<number>>> = {},
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
  write(name: string, values: ArrayLike<number>): void {
    if (!this.values.has(name)) throw new RangeError(`The program has no input "${name}".`);
    this.values.set(name, values);
  }

  /** An output of the last step, or an input's present value, row-major. */
  read(name: string): ArrayLike<number> {
    const found = this.outputs.get(name) ?? this.values.get(name);
    if (!found) throw new RangeError(`The program has no output or input "${name}".`);
    return found;
  }
}
