/** The blocks of docs/tensor-programs.md run one after the other. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import ts from "typescript";
import * as phasebook from "../../src/index.js";
import { evaluate } from "../../src/compile/reference.js";
import { fromRoot } from "../support/paths.js";

const blocks = [...readFileSync(fromRoot("docs/tensor-programs.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code]) => code!,
);

test("the blocks of the description of tensor programs run, and give what they say", async () => {
  assert.ok(blocks.length > 5);
  const [imports, ...code] = blocks;
  const named = [...imports!.matchAll(/\{(.*?)\}/g)].flatMap(([, names]) => names!.split(","));
  const values = named.map((name) => name.trim()).filter((name) => !name.startsWith("type "));
  for (const name of values) assert.ok(name in phasebook, `phasebook has no ${name}`);
  const { outputText } = ts.transpileModule(code.join("\n"), { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  const AsyncFunction = (async () => {}).constructor as new (
    ...source: string[]
  ) => (...given: unknown[]) => Promise<Record<string, unknown>>;
  const results = "return { half: half.data, angle: angle.data, gradient, tangent, count, run };";
  const body = new AsyncFunction(...values, `${outputText}\n${results}`);
  const { half, angle, gradient, tangent, count, run } = await body(
    ...values.map((name) => phasebook[name as keyof typeof phasebook]),
  );
  assert.deepEqual(half, Float64Array.of(0.5, 2, 4.5));
  for (const one of angle as Float64Array) assert.ok(Math.abs(one - Math.PI / 4) < 1e-6);
  const numbers = evaluate([gradient, tangent, count] as phasebook.Tensor[]).map((data) => Array.from(data));
  assert.deepEqual(numbers, [[1, 3], [1], [6]]);
  assert.equal((run as { progress: { state: string } }).progress.state, "finished");
});
