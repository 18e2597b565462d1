/** A transformer's layer against JAX's attention and normalisation in float64; transformer-oracle.py made the numbers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { evaluate as evaluateMembers, grid } from "../../src/ensemble/index.js";
import { layerNorm, transformerLayer, type TransformerLayerParameters } from "../../src/models/index.js";
import { constant, grad, Key, leavesOf, ones, type Tensor, zeros } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";
import { fromRoot } from "../support/paths.js";

interface Oracle {
  readonly parameters: object;
  readonly x: number[][][];
  readonly value: number[];
  readonly weighting: number[][][];
  readonly gradient: object;
}

const ORACLE = JSON.parse(readFileSync(fromRoot("tests/models/transformer-oracle.json"), "utf8")) as Oracle;

const isNumbers = (value: unknown): boolean =>
  Array.isArray(value) && (typeof value[0] === "number" || isNumbers(value[0]) || value.length === 0);
const mapArrays = (tree: unknown, map: (array: never[]) => unknown): unknown => {
  if (isNumbers(tree)) return map(tree as never[]);
  if (Array.isArray(tree)) return tree.map((child) => mapArrays(child, map));
  return Object.fromEntries(Object.entries(tree as object).map(([name, child]) => [name, mapArrays(child, map)]));
};

const layer = transformerLayer(6, { heads: 3, hidden: 5 });
const inputs = {
  parameters: mapArrays(ORACLE.parameters, (array) => constant(array)) as TransformerLayerParameters,
  x: constant(ORACLE.x),
};
const value = ({ parameters, x }: typeof inputs) => layer.apply(parameters, x);
const gradient = grad((all: typeof inputs) => value(all).mul(constant(ORACLE.weighting)).sum());

/** Name and numbers of every array of the oracle's gradient. */
const expected = new Map<string, number[]>();
const collect = (tree: unknown, path: string): void => {
  if (isNumbers(tree)) expected.set(path, tree as number[]);
  else
    for (const [name, child] of Object.entries(tree as object)) collect(child, path === "" ? name : `${path}.${name}`);
};
collect(ORACLE.gradient, "");

test("values and gradients are JAX's", () => {
  assertClose(evaluate([value(inputs)])[0]!, ORACLE.value, { relative: 1e-11, absolute: 1e-12 });
  const leaves = leavesOf(gradient(inputs));
  assert.equal(leaves.length, 17);
  for (const { path, tensor } of leaves) {
    const theirs = expected.get(path.replace(/\[(\d+)\]/g, ".$1").replace(/^\./, ""));
    assert.ok(theirs, path);
    assertClose(evaluate([tensor])[0]!, theirs, { relative: 1e-10, absolute: 1e-11 }, path);
  }
});

test("the cpu engine computes the same in float32", async () => {
  const { y, slope } = await evaluateMembers({
    members: grid({ seed: [0] }),
    engine: "cpu",
    compute: () => ({ y: value(inputs), slope: gradient(inputs).x }),
  });
  assertClose(y.data, ORACLE.value, { relative: 1e-4, absolute: 1e-4 });
  assertClose(slope.data, expected.get("x")!, { relative: 1e-3, absolute: 1e-3 });
});

test("what a head reads of the tokens sums to one, and does not know their order", () => {
  const parameters = layer.init(Key.of(3));
  const x = Key.of(4).normal([2, 4, 6]);
  const backwards = (tensor: Tensor) => layer.apply(parameters, tensor).flip(1);
  const [sums, there, back] = evaluate([
    layer.attention(parameters, x).sum(3),
    layer.apply(parameters, x),
    backwards(x.flip(1)),
  ]);
  assertClose(sums!, new Array(2 * 3 * 4).fill(1), { absolute: 1e-12 });
  assertClose(back!, Array.from(there!), { absolute: 1e-12 });
});

test("rows are normalised one by one", () => {
  const x = constant([
    [1, 3],
    [-50, 50],
  ]);
  const [rows] = evaluate([layerNorm({ scale: ones([2]), shift: zeros([2]) }, x)]);
  assertClose(rows!, [-1, 1, -1, 1], { absolute: 1e-5 });
});

test("shapes and heads that do not fit are refused", () => {
  assert.throws(() => transformerLayer(6, { heads: 4, hidden: 5 }), /divides the width, got 4 and 6/);
  assert.throws(() => layer.apply(layer.init(Key.of(1)), zeros([2, 6])), /\[batch, tokens, 6\], got \[2, 6\]/);
});
