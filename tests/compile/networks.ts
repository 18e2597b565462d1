import { valueAndGrad } from "../../src/tensor/derivative.js";
import type { Program, ProgramInput } from "../../src/tensor/program.js";
import { Key } from "../../src/tensor/random.js";
import { input, scalar, type Tensor } from "../../src/tensor/tensor.js";
import { generator } from "./generator.js";

interface Layer {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** The training of a small network by Adam, with the values its inputs start from. */
export interface Training {
  readonly program: Program;
  readonly start: Readonly<Record<string, number[]>>;
}

export interface NetworkOptions {
  /** Layer widths, input and output included. */
  readonly widths: readonly number[];
  readonly batch: number;
  /** Which layers are followed by tanh; default: all but the last. */
  readonly activated?: readonly boolean[];
  /** `sphere`: fresh points on the unit sphere every step; `shared`: a fixed batch that all members read. */
  readonly data: "sphere" | "shared";
}

/** An autoencoder (or a regression onto its own input's first components) under mean squared error. */
export function adamTraining({ widths, batch, data, activated }: NetworkOptions): Training {
  const random = generator(7);
  const start: Record<string, number[]> = {};
  const inputs: ProgramInput[] = [];
  const given = (
    name: string,
    shape: number[],
    values: number[],
    dtype: "f32" | "u32" = "f32",
    scope: "member" | "shared" = "member",
  ) => {
    const tensor = input(name, shape, dtype);
    inputs.push({ name, tensor, scope });
    start[name] = values;
    return tensor;
  };
  const step = given("step", [], [0], "u32");
  const seed = given("seed", [], [3], "u32");
  const rate = given("learningRate", [], [1e-3]);
  const layers = widths.slice(1).map((out, l): Layer => {
    const size = widths[l]! * out;
    const scale = Math.sqrt(3 / widths[l]!);
    return {
      weight: given(`weight${l}`, [widths[l]!, out], random.values("f32", size, { low: -scale, high: scale })),
      bias: given(`bias${l}`, [out], random.values("f32", out, { low: -0.1, high: 0.1 })),
    };
  });
  const samples = batch * widths[0]!;
  const x =
    data === "sphere"
      ? onSphere(Key.of(seed).fold(step), [batch, widths[0]!])
      : given("x", [batch, widths[0]!], random.values("f32", samples), "f32", "shared");
  const target = x.slice([0, 0], [batch, Math.min(widths[0]!, widths.at(-1)!)]);
  const loss = (parameters: Layer[]) => {
    let h = x;
    parameters.forEach(({ weight, bias }, l) => {
      h = h.matmul(weight).add(bias);
      if (activated?.[l] ?? l < parameters.length - 1) h = h.tanh();
    });
    return h.sub(target).square().sum(1).mean();
  };
  const { value, gradient } = valueAndGrad(loss)(layers);
  const updates: { input: string; value: Tensor }[] = [{ input: "step", value: step.add(1) }];
  const time = step.add(1).cast("f32");
  const correction = (beta: number) => scalar(1).sub(time.mul(Math.log(beta)).exp());
  const size = rate.mul(correction(0.999).sqrt()).div(correction(0.9));
  layers.forEach((layer, l) => {
    for (const part of ["weight", "bias"] as const) {
      const [p, g] = [layer[part], gradient[l]![part]];
      const zeros = new Array<number>(p.size).fill(0);
      const m = given(`${part}${l}.m`, [...p.shape], zeros);
      const v = given(`${part}${l}.v`, [...p.shape], zeros);
      const nextM = m.add(g.sub(m).mul(0.1));
      const nextV = v.add(g.square().sub(v).mul(0.001));
      updates.push({ input: `${part}${l}`, value: p.sub(size.mul(nextM).div(nextV.sqrt().add(1e-8))) });
      updates.push({ input: `${part}${l}.m`, value: nextM }, { input: `${part}${l}.v`, value: nextV });
    }
  });
  return { program: { inputs, updates, outputs: [{ name: "loss", value }] }, start };
}

function onSphere(key: Key, shape: number[]): Tensor {
  const normal = key.normal(shape);
  return normal.div(normal.norm().reshape([shape[0]!, 1]));
}
