import type { ElementwiseOperation, OperationName } from "../../tensor/operation.js";
import { operationOf } from "../../tensor/operations/index.js";
import { sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { commonCount, countOf, elementsOf, fromElements, type Members } from "./member-axis.js";
import type { TensorFlow } from "./tensorflow-types.js";

/** Computes an elementwise operation that TensorFlow.js does not have, as the table of operations says. */
export function onHost(tf: TensorFlow, inputs: readonly Members[], tensor: Tensor): Members {
  const { call, shape, dtype } = tensor;
  const operation = operationOf<OperationName>(call.name) as ElementwiseOperation<OperationName>;
  const types = { inputs: tensor.inputs.map((input) => input.dtype) };
  const data = inputs.map((input, i) => elementsOf(input, types.inputs[i]!));
  const [count, size] = [commonCount(inputs), sizeOf(shape)];
  const isOwn = inputs.map((input) => countOf(input) > 1);
  const lane = new Array<number>(inputs.length);
  const results = new Float64Array(count * size);
  for (let i = 0; i < results.length; i++) {
    for (let k = 0; k < lane.length; k++) lane[k] = data[k]![isOwn[k] ? i : i % size]!;
    results[i] = operation.reference(lane, call.attributes, types);
  }
  return fromElements(tf, results, dtype, shape, count);
}
