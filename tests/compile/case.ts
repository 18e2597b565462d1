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

/** Inputs that a tensor is made of, by name. */
export function inputsOf(root: Tensor): Map<string, Tensor> {
  const inputs = topologicalOrder([root]).flatMap((tensor) =>
    tensor.call.name === "input" ? [[tensor.call.attributes.name, tensor] as const] : [],
  );
  return new Map(inputs);
}

/** Compiles a case's tensor, and compares what it computes from random inputs of each member with the reference. */
export function check(one: Case, options: WasmOptions): void {
  const { name, tensor, draw } = one;
  const random = generator(name.length);
  const inputs = Array.from(inputsOf(tensor), ([key, given], i) => {
    return { name: key, tensor: given, scope: i % 2 ? ("shared" as const) : ("member" as const) };
  });
  const compiled = new Compiled({ inputs, updates: [], outputs: [{ name: "result", value: tensor }] }, options);
  const members = Array.from({ length: compiled.program.pack }, () => new Map<string, number[]>());
  for (const { name: key, tensor: given, scope } of inputs) {
    const values = members.map(() => random.values(given.dtype, sizeOf(given.shape), draw));
    members.forEach((member, i) => member.set(key, values[scope === "shared" ? 0 : i]!));
    if (scope === "shared") compiled.write(key, values[0]!);
    else values.forEach((own, i) => compiled.write(key, own, i));
  }
  compiled.run();
  members.forEach((values, i) => compare(one, compiled.read("result", i), values));
}

/** Compares computed elements with the reference's. */
export function compare(
  { name, tensor, tolerance = 0, relative = false }: Case,
  got: ArrayLike<number>,
  values: ReadonlyMap<string, ArrayLike<number>>,
) {
  const [expected] = evaluate([tensor], values);
  Array.from(got).forEach((value, i) => {
    const want = expected![i]!;
    const error = Math.abs(value - want) / ((relative ? 0 : 1) + Math.abs(want));
    assert.ok(
      Object.is(value, want) || value === want || error <= tolerance,
      `${name}: element ${i} is ${value}, expected ${want}`,
    );
  });
}

export const MODES: readonly (readonly [name: string, options: WasmOptions])[] = [
  ["", { vectorAxis: "elements" }],
  [", relaxed", { relaxed: true, vectorAxis: "elements" }],
  [", in pairs of vectors", { relaxed: true, revectorize: true, vectorAxis: "elements" }],
  [", four members at once", { vectorAxis: "members" }],
  [
    ", eight members at once in pairs of vectors",
    { relaxed: true, revectorize: true, vectorAxis: "members", lanes: 8 },
  ],
];
