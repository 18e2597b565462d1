import assert from "node:assert/strict";
import { test } from "node:test";
import { figure } from "../../src/figures/index.js";
import type { FigurePayload } from "../../src/protocol.js";
import { PayloadError } from "../../views/payload.js";
import { toSVG } from "../../views/to-svg.js";
import { SampleEnsemble } from "../figures/sample.js";

const source = new SampleEnsemble().advance(1000);
const payload: FigurePayload = figure(source, {
  views: [
    { type: "phase-diagram", x: "learningRate", y: "seed", color: "loss" },
    { type: "curves", metric: "loss" },
    { type: "latent-space" },
    { type: "histogram", columns: ["loss"] },
    { type: "images" },
  ],
  latent: source.latent(20),
  images: { pixels: new Float32Array(96 * 4), shape: [96, 2, 2], of: "members" },
}).payload;

/** The payload with one view changed. */
const view = (index: number, change: object): unknown => ({
  ...payload,
  views: payload.views.map((old, at) => (at === index ? { ...old, ...change } : old)),
});

/** The payload with one column changed. */
const column = (index: number, change: object): unknown => ({
  ...payload,
  columns: payload.columns.map((old, at) => (at === index ? { ...old, ...change } : old)),
});

/** The payload with an array replaced. */
const array = (name: string, value: unknown): unknown => ({ ...payload, arrays: { ...payload.arrays, [name]: value } });

const SCRIPT = "</text><script>alert(1)</script>";

test("a payload that does not fit is refused with a reason, whatever is wrong with it", () => {
  const hostile: unknown[] = [
    view(0, { facet: "__proto__" }),
    view(0, { slices: [{ column: "seed", index: "0" }] }),
    view(0, { slices: { length: 1e9 } }),
    view(0, { slices: [null] }),
    view(0, { boundaries: ["<script>"] }),
    view(0, { aggregate: "constructor" }),
    view(1, { band: "hasOwnProperty" }),
    view(2, { every: 0 }),
    view(2, { points: "images" }),
    view(2, { frames: { length: 1e9 } }),
    view(2, { frames: [null] }),
    view(2, { frames: [{ step: 1, points: "__proto__" }] }),
    view(2, { frames: [{ step: NaN, points: "latent" }] }),
    view(2, { frames: [{ step: 1, points: "latent", every: 0.5 }] }),
    view(2, { frames: [{ step: 1, points: "latent", color: "status" }] }),
    view(2, { frames: [], frame: 0 }),
    view(2, { frame: "constructor" }),
    view(2, { colorCategories: [{}] }),
    view(3, { bins: 1e9 }),
    view(3, { bins: -1 }),
    view(3, { columns: "loss" }),
    view(3, { columns: ["toString"] }),
    view(4, { of: "prototype" }),
    view(4, { images: "status" }),
    array("images", { type: "uint8", shape: [96, 1e5, 1e5], base64: "AAAA" }),
    array("column:loss", { type: "uint8", shape: [96], base64: "A".repeat(128), lookup: ["<img>"] }),
    column(0, { unit: { toString: "GeV" } }),
    column(0, { label: 3 }),
    { ...payload, selection: { members: [], points: [-1] } },
    { ...payload, selection: { members: [], points: { length: 1e9 } } },
  ];
  for (const [index, value] of hostile.entries()) {
    assert.throws(() => toSVG(value), PayloadError, `case ${index}`);
  }
});

test("odd but possible payloads are drawn, without scripts and without NaN", () => {
  const nothing = {
    type: "float64",
    shape: [96],
    base64: Buffer.from(new Float64Array(96).fill(NaN).buffer).toString("base64"),
  };
  const odd: unknown[] = [
    view(0, { facet: "loss", title: SCRIPT }),
    view(0, { slices: [{ column: "seed", index: 1e9 }] }),
    view(0, { boundaries: [NaN, Infinity] }),
    view(0, { aggregate: "share" }),
    view(0, { x: "seed", y: "seed" }),
    view(1, { band: "loss", xLabel: SCRIPT }),
    column(0, { unit: SCRIPT }),
    column(2, { unit: "constructor", label: "__proto__" }),
    view(2, { every: 3 }),
    view(2, { colorCategories: [] }),
    view(2, { colorCategories: [SCRIPT, SCRIPT] }),
    view(2, { frames: [{ step: 1, points: "latent" }], frame: 0 }),
    view(3, { columns: [] }),
    array("column:loss", nothing),
    array("column:learningRate", nothing),
    array("images", { type: "uint8", shape: [96, 0, 7], base64: "" }),
    { ...payload, title: SCRIPT, selection: { members: [95], points: [10_000_000] } },
  ];
  for (const [index, value] of odd.entries()) {
    const svg = toSVG(value);
    assert.ok(!/<script|NaN|Infinity/.test(svg), `case ${index}: ${/.{60}(<script|NaN|Infinity).{40}/.exec(svg)?.[0]}`);
  }
});
