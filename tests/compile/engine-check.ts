import type { Engine } from "../../src/engines/index.js";
import { topologicalOrder } from "../../src/tensor/program.js";
import { sizeOf } from "../../src/tensor/shape.js";
import { input, Tensor } from "../../src/tensor/tensor.js";
import { type Case, compare, inputsOf } from "./case.js";
import { generator } from "./generator.js";

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

/** Loads cases as one program, and compares what an engine computes of them from random inputs with the reference. */
export async function checkOn(engine: Engine, cases: readonly Case[], members = 1): Promise<void> {
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
    { members },
  );
  const values = renamed.map(({ name, draw }, i) => {
    const random = generator(name.length);
    const ofMembers = Array.from({ length: members }, () => new Map<string, number[]>());
    for (const [k, [key, { dtype, shape }]] of inputs[i]!.entries()) {
      const own = ofMembers.map(() => random.values(dtype, sizeOf(shape), draw));
      ofMembers.forEach((member, m) => member.set(key, own[k % 2 ? 0 : m]!));
    }
    return ofMembers;
  });
  values.forEach((ofMembers) =>
    ofMembers.forEach((own, m) => {
      for (const [name, list] of own) program.write(name, list, m);
    }),
  );
  await program.run(1);
  renamed.forEach((one, i) => values[i]!.forEach((own, m) => compare(one, program.read(`result ${i}`, m), own)));
  program.dispose();
}
