import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { mlp, tangentKernel } from "../../src/models/index.js";
import { constant, Key } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

test("the tangent kernel is the sum of squares of finite differences, each with its rate", () => {
  const net = mlp([3, 4, 2], "tanh", { biasVariance: 0.1 });
  const x = constant([[0.3, -0.8, 1.1]]);
  const parameters = net.init(Key.of(5));
  const numbers = parameters.map(({ weight, bias }) =>
    evaluate([weight, bias]).map((array) => Float64Array.from(array)),
  );
  const output = (): number => {
    const tensors = numbers.map(([weight, bias], layer) => ({
      weight: constant(Array.from(weight!), parameters[layer]!.weight.shape),
      bias: constant(Array.from(bias!), parameters[layer]!.bias.shape),
    }));
    return evaluate([net.apply(tensors, x)])[0]![0]!;
  };
  let expected = 0;
  numbers.forEach((arrays, layer) =>
    arrays.forEach((array, kind) => {
      const rate = kind === 0 ? 2 / parameters[layer]!.weight.shape[0]! : 0.5;
      for (let i = 0; i < array.length; i++) {
        const [at, step] = [array[i]!, 1e-5];
        const [above, below] = [at + step, at - step].map((value) => ((array[i] = value), output()));
        array[i] = at;
        expected += rate * ((above! - below!) / (2 * step)) ** 2;
      }
    }),
  );
  const [kernel] = evaluate([tangentKernel(net, parameters, x, { weightRate: 2, biasRate: 0.5 })]);
  assertClose(kernel!, [expected], { relative: 1e-6 });
});
