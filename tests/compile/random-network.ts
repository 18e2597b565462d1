import { evaluate } from "../../src/compile/reference.js";
import { valueAndGrad } from "../../src/tensor/derivative.js";
import { type Program, rootsOf, topologicalOrder } from "../../src/tensor/program.js";
import { input, type Tensor } from "../../src/tensor/tensor.js";
import { generator } from "./generator.js";

type Random = ReturnType<typeof generator>;

const WIDTHS = [1, 2, 3, 5, 8, 20, 33];

/** What a layer does to a batch of activations, [samples, features]. */
const LAYERS: readonly ((h: Tensor, random: Random) => Tensor)[] = [
  (h) => h.tanh(),
  (h) => h.relu().sub(0.1),
  (h) => h.sub(h.mean(0)),
  (h) => h.div(h.square().sum(1).add(1).sqrt().reshape([h.shape[0]!, 1])),
  (h) => h.concat([h.tanh()], 1),
  (h) => h.slice([0, 0], [h.shape[0]!, Math.ceil(h.shape[1]! / 2)]),
  (h) => h.add(h.maximum(1).reshape([h.shape[0]!, 1]).mul(0.1)),
  (h) =>
    h
      .matmul(h.transpose())
      .mul(1 / h.shape[0]!)
      .matmul(h),
  (h) => h.slice([1, 0]).concat([h.slice([0, 0], [1, h.shape[1]!])], 0),
  (h, random) => h.mul(random.pick([0.5, 1, -1])),
];

/**
 * A network of random layers whose weights follow the gradient of the mean square of its output; `samples`: of its batch,
 * default: 70 or more.
 */
export function randomNetwork(seed: number, samples?: number): { program: Program; start: Record<string, number[]> } {
  const random = generator(seed);
  const batch = samples ?? 70 + random.below(80);
  const widths = Array.from({ length: 4 }, () => random.pick(WIDTHS));
  const x = input("x", [batch, widths[0]!]);
  const weights: Tensor[] = [];
  const layers = Array.from({ length: 10 }, () => random.below(LAYERS.length + 6));
  const forward = (parameters: readonly Tensor[] | undefined): Tensor => {
    let h: Tensor = x;
    let used = 0;
    const choice = generator(seed + 1);
    for (const layer of layers) {
      const special = LAYERS[layer];
      if (special) h = special(h, choice);
      else {
        const width = choice.pick(WIDTHS);
        if (!parameters) weights.push(input(`w${weights.length}`, [h.shape[1]!, width]));
        const weight = parameters ? parameters[used++]! : weights.at(-1)!;
        h = h.matmul(weight).mul(1 / Math.sqrt(h.shape[1]!));
      }
    }
    return h.square().mean();
  };
  forward(undefined);
  const { value, gradient } = valueAndGrad((parameters: Tensor[]) => forward(parameters))(weights);
  const program: Program = {
    inputs: [
      { name: "x", tensor: x, scope: random.pick(["member", "shared"]) },
      ...weights.map((tensor, i) => ({ name: `w${i}`, tensor, scope: "member" as const })),
    ],
    updates: weights.map((tensor, i) => ({ input: `w${i}`, value: tensor.sub(gradient[i]!.mul(0.01)) })),
    outputs: [{ name: "loss", value }],
  };
  const start = Object.fromEntries(program.inputs.map(({ name, tensor }) => [name, random.values("f32", tensor.size)]));
  return { program, start };
}

/** Where large values cancel, single precision has nothing to say about the difference. */
export function largestValue(program: Program, start: Readonly<Record<string, number[]>>): number {
  const all = evaluate(topologicalOrder(rootsOf(program)), new Map(Object.entries(start)));
  return all.reduce((largest, values) => Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), largest), 0);
}
