import assert from "node:assert/strict";
import { evaluate } from "../../src/compile/reference.js";
import type { WasmOptions } from "../../src/compile/wasm-program.js";
import { topologicalOrder } from "../../src/tensor/program.js";
import { sizeOf } from "../../src/tensor/shape.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { Compiled } from "./compiled.js";
import { type Draw, generator } from "./generator.js";

/** A tensor made of inputs, and what the inputs may be. */
export interface Case {
  readonly name: string;
  readonly tensor: Tensor;
  /** Largest error relative to 1 + |value|; exact where it is left out. */
  readonly tolerance?: number;
  readonly draw?: Draw;
  /** The tolerance is relative to the value alone: small ones have all their digits. */
  readonly relative?: boolean;
}

function inputsOf(root: Tensor): Map<string, Tensor> {
  const inputs = topologicalOrder([root]).flatMap((tensor) =>
    tensor.call.name === "input" ? [[tensor.call.attributes.name, tensor] as const] : [],
  );
  return new Map(inputs);
}

/** Compiles a case's tensor, and compares what it computes from random inputs with the reference. */
export function check({ name, tensor, tolerance = 0, draw, relative = false }: Case, options: WasmOptions): void {
  const random = generator(name.length);
  const inputs = [...inputsOf(tensor).values()];
  const values = new Map(
    inputs.map((given) => {
      const { call, dtype, shape } = given;
      return [call.name === "input" ? call.attributes.name : "", random.values(dtype, sizeOf(shape), draw)] as const;
    }),
  );
  const compiled = new Compiled(
    {
      inputs: inputs.map((given, i) => ({
        name: [...values.keys()][i]!,
        tensor: given,
        scope: i % 2 ? "shared" : "member",
      })),
      updates: [],
      outputs: [{ name: "result", value: tensor }],
    },
    options,
  );
  for (const [key, list] of values) compiled.write(key, list);
  const got = compiled.run().read("result");
  const [expected] = evaluate([tensor], values);
  got.forEach((value, i) => {
    const want = expected![i]!;
    const error = Math.abs(value - want) / ((relative ? 0 : 1) + Math.abs(want));
    assert.ok(
      Object.is(value, want) || value === want || error <= tolerance,
      `${name}: element ${i} is ${value}, expected ${want}`,
    );
  });
}

export const MODES: readonly (readonly [name: string, options: WasmOptions])[] = [
  ["", {}],
  [", relaxed", { relaxed: true }],
  [", in pairs of vectors", { relaxed: true, revectorize: true }],
];
