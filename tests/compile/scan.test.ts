/** Loops, their derivatives in both modes and mixed second derivatives: compiled against the reference. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { compileWasm } from "../../src/compile/wasm.js";
import { evaluate } from "../../src/compile/reference.js";
import {
  grad,
  hessianVectorProduct,
  input,
  jvp,
  Key,
  type Program,
  scan,
  type Tensor,
} from "../../src/tensor/index.js";
import { sizeOf } from "../../src/tensor/shape.js";
import { assertClose } from "../support/close.js";
import { MODES } from "./case.js";
import { Compiled } from "./compiled.js";
import { generator } from "./generator.js";
import { type LoopCase, LOOPS, weighed } from "./loops.js";

const TOLERANCE = { relative: 1e-4, absolute: 1e-4 };

/** What a case computes, under names: values, gradients, tangents and products with the Hessian. */
function quantitiesOf({ of, shapes }: LoopCase): { inputs: Tensor[]; quantities: Map<string, Tensor> } {
  const inputs = shapes.map((shape, i) => input(`input ${i}`, shape));
  const f = (list: Tensor[]) => weighed(of(...list));
  const direction = shapes.map((shape, i) => Key.of(100 + i).uniform(shape, -1, 1));
  const quantities = new Map<string, Tensor>();
  of(...inputs).forEach((result, i) => quantities.set(`result ${i}`, result));
  grad(f)(inputs).forEach((gradient, i) => quantities.set(`gradient ${i}`, gradient));
  jvp((list: Tensor[]) => of(...list))(inputs, direction).tangent.forEach((tangent, i) =>
    quantities.set(`tangent ${i}`, tangent),
  );
  hessianVectorProduct(f)(inputs, direction).forEach((second, i) => quantities.set(`second ${i}`, second));
  return { inputs, quantities };
}

const programOf = (inputs: readonly Tensor[], quantities: ReadonlyMap<string, Tensor>): Program => ({
  inputs: inputs.map((tensor, i) => ({ name: `input ${i}`, tensor, scope: i % 2 ? "shared" : "member" })),
  updates: [],
  outputs: Array.from(quantities, ([name, value]) => ({ name, value })),
});

for (const [mode, options] of MODES) {
  suite(`compiled loops agree with the reference${mode}`, () => {
    for (const one of LOOPS) {
      test(one.name, () => {
        const { inputs, quantities } = quantitiesOf(one);
        const random = generator(one.name.length);
        const values = one.shapes.map((shape) => random.values("f32", sizeOf(shape), { low: -0.6, high: 0.6 }));
        const compiled = new Compiled(programOf(inputs, quantities), options);
        values.forEach((list, i) => compiled.write(`input ${i}`, list));
        compiled.run(2);
        const expected = evaluate(
          [...quantities.values()],
          new Map(values.map((list, i) => [`input ${i}`, list] as const)),
        );
        [...quantities.keys()].forEach((name, i) => assertClose(compiled.read(name), expected[i]!, TOLERANCE, name));
      });
    }
  });
}

test("a loop's code does not grow with its length, and only what is asked for is computed", () => {
  const x = input("input 0", [4]);
  const compiled = (length: number) => {
    const { carry } = scan(
      ({ a, b }, _: undefined, i) => ({ carry: { a: a.sin(), b: b.exp() }, output: a.mul(i.cast("f32")) }),
      { a: x, b: x },
      undefined,
      { length },
    );
    return compileWasm(programOf([x], new Map([["a", carry.a]])));
  };
  const [short, long] = [compiled(3), compiled(30000)];
  assert.ok(Math.abs(long.module.length - short.module.length) <= 4);
  assert.equal(long.arenaBytes, short.arenaBytes);
});

test("a tensor of a body that is used outside is refused", () => {
  let inner: Tensor | undefined;
  scan((x) => ({ carry: (inner = x.sin()) }), input("input 0", [4]), undefined, { length: 2 });
  const program = programOf([], new Map([["leaked", inner!.cos()]]));
  assert.throws(() => compileWasm(program), /inside the body of a scan is used outside/);
  assert.throws(() => evaluate([inner!]), /inside the body of a scan is used outside/);
});
