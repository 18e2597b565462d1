/** Every operation of the table as a shader, on the same cases as the CPU engine's code. */
import { after } from "node:test";
import { WebgpuEngine } from "../../../src/engines/index.js";
import { sizeOf } from "../../../src/tensor/shape.js";
import { topologicalOrder } from "../../../src/tensor/program.js";
import { input, Tensor } from "../../../src/tensor/tensor.js";
import { type Case, compare, inputsOf } from "../../compile/case.js";
import { generator } from "../../compile/generator.js";
import { testValues } from "../../compile/operation-suite.js";
import { testGpu } from "../../support/software-gpu.js";

const engine = new WebgpuEngine({ gpu: testGpu, threads: 64 });
after(() => engine.dispose());

/** Most cases of an operation that are compiled, evenly spread: a shader of many takes long. */
const MOST_CASES = 16;

const spread = (cases: readonly Case[]): Case[] => {
  const every = Math.max(1, Math.ceil(cases.length / MOST_CASES));
  return cases.filter((_, i) => i % every === 0);
};

/** The same tensor of inputs whose names begin with a prefix. */
function withPrefix(tensor: Tensor, prefix: string): Tensor {
  const copies = new Map<Tensor, Tensor>();
  for (const one of topologicalOrder([tensor])) {
    const { call, shape, dtype } = one;
    const copy =
      call.name === "input"
        ? input(prefix + call.attributes.name, shape, dtype)
        : Tensor.apply(
            call.name,
            call.attributes,
            one.inputs.map((read) => copies.get(read)!),
          );
    copies.set(one, copy);
  }
  return copies.get(tensor)!;
}

/** Compiles cases into one program, and compares what it computes from random inputs with the reference. */
async function check(cases: readonly Case[]): Promise<void> {
  const renamed = cases.map((one, i) => ({ ...one, tensor: withPrefix(one.tensor, `${i} `) }));
  const inputs = renamed.map(({ tensor }) => [...inputsOf(tensor)]);
  const program = await engine.load(
    {
      inputs: inputs.flatMap((own) =>
        own.map(([name, tensor], i) => ({ name, tensor, scope: i % 2 ? ("shared" as const) : ("member" as const) })),
      ),
      updates: [],
      outputs: renamed.map(({ tensor }, i) => ({ name: `result ${i}`, value: tensor })),
    },
    { members: 1 },
  );
  const values = renamed.map(({ name, draw }, i) => {
    const random = generator(name.length);
    return new Map(inputs[i]!.map(([key, { dtype, shape }]) => [key, random.values(dtype, sizeOf(shape), draw)]));
  });
  for (const own of values) for (const [name, list] of own) program.write(name, list, 0);
  await program.run(1);
  renamed.forEach((one, i) => compare(one, program.read(`result ${i}`, 0), values[i]!));
  program.dispose();
}

testValues({ name: "as a shader", check: (cases) => check(spread(cases)) });
