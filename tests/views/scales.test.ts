import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCount, formatDuration, formatNumber, formatValue, plural } from "../../views/format.js";
import { OKABE_ITO, categoryColors, continuousColors, paletteColors } from "../../views/palette.js";
import { axisScale } from "../../views/scales.js";

const labels = (ticks: { label: string }[]): string[] =>
  ticks.map((tick) => tick.label).filter((label) => label !== "");

test("a linear axis has ticks at round values and their exact pixels", () => {
  const { ticks, toPixel, toValue } = axisScale({ kind: "linear", domain: [0, 10], range: [100, 300], spacing: 40 });
  assert.deepEqual(labels(ticks), ["0", "2", "4", "6", "8", "10"]);
  assert.deepEqual(
    ticks.map((tick) => tick.position),
    [100, 140, 180, 220, 260, 300],
  );
  assert.equal(toPixel(2.5), 150);
  assert.equal(toValue(150), 2.5);
});

test("a logarithmic axis labels decades and marks what lies between them", () => {
  const { ticks, toPixel } = axisScale({ kind: "log", domain: [1e-4, 1e-1], range: [0, 300] });
  assert.deepEqual(labels(ticks), ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹"]);
  assert.equal(ticks.length, 28); // 3 decades of 9 and the end
  assert.ok(Math.abs(toPixel(1e-2) - 200) < 1e-9);
  assert.ok(Number.isNaN(toPixel(0)) && Number.isNaN(toPixel(-1)));
});

test("a logarithmic axis within a decade still has labels", () => {
  assert.deepEqual(labels(axisScale({ kind: "log", domain: [0.2, 0.7], range: [0, 300] }).ticks), ["0.2", "0.5"]);
  assert.ok(labels(axisScale({ kind: "log", domain: [2.2, 2.9], range: [0, 300] }).ticks).length <= 2);
});

test("many decades are thinned out to the room there is", () => {
  const shown = labels(axisScale({ kind: "log", domain: [1e-12, 1e12], range: [0, 200], spacing: 40 }).ticks);
  assert.ok(shown.length >= 3 && shown.length <= 6, shown.join(" "));
});

test("a domain of one value is opened around it", () => {
  const linear = axisScale({ kind: "linear", domain: [3, 3], range: [0, 100] });
  assert.equal(linear.toPixel(3), 50);
  const log = axisScale({ kind: "log", domain: [3, 3], range: [0, 100] });
  assert.ok(Math.abs(log.toPixel(3) - 50) < 1e-9);
});

test("numbers, durations and counts are written for people", () => {
  const cases: [string, string][] = [
    [formatNumber(0.0031622), "0.00316"],
    [formatNumber(3.16e-5), "3.16×10⁻⁵"],
    [formatNumber(1e-4), "10⁻⁴"],
    [formatNumber(-1234567.8), "−1.23×10⁶"],
    [formatNumber(96000), "96,000"],
    [formatNumber(-0.5), "−0.5"],
    [formatNumber(NaN), "—"],
    [formatNumber(Infinity), "∞"],
    [formatValue(0.0125, "nats"), "0.0125 nats"],
    [formatValue(NaN, "nats"), "—"],
    [formatDuration(8.27), "8.3 s"],
    [formatDuration(65), "1:05"],
    [formatDuration(7209), "2:00:09"],
    [formatCount(41_234), "41.2 k"],
    [formatCount(999_700), "1 M"],
    [plural(1, "member"), "1 member"],
    [plural(1000, "step"), "1,000 steps"],
  ];
  for (const [got, expected] of cases) assert.equal(got, expected);
});

test("colours: ends of the palette at the ends of the domain, none for what has no value", () => {
  const colors = continuousColors("loss", "log", [1e-3, 1]);
  const palette = paletteColors("viridis");
  assert.equal(colors.color(1e-3), palette[0]);
  assert.equal(colors.color(1), palette[255]);
  assert.equal(colors.level(Math.sqrt(1e-3)), 128);
  assert.equal(colors.color(5), palette[255]);
  for (const missing of [NaN, 0, -1]) assert.equal(colors.color(missing), undefined);
});

test("palettes rise in luminance, so they survive grey printing and colour blindness", () => {
  for (const name of ["viridis", "cividis", "magma"] as const) {
    const luminances = paletteColors(name).map(luminance);
    const steps = luminances.slice(1).map((value, index) => value - (luminances[index] ?? 0));
    assert.ok(Math.min(...steps) > -0.004, `${name} falls by ${Math.min(...steps)}`);
    assert.ok((luminances.at(-1) ?? 0) - (luminances[0] ?? 0) > 0.4);
  }
});

/** Relative luminance of a colour (WCAG 2). */
function luminance(color: string): number {
  const hex = /^#(..)(..)(..)$/
    .exec(color)
    ?.slice(1)
    .map((part) => parseInt(part, 16));
  const rgb = hex ?? /(\d+), (\d+), (\d+)/.exec(color)?.slice(1).map(Number) ?? [];
  const linear = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
}

test("categories take Okabe and Ito's colours in order", () => {
  const colors = categoryColors("phase", ["grokking", "memorisation"]);
  assert.deepEqual(colors.colors, OKABE_ITO.slice(0, 2));
  assert.equal(colors.color(2), undefined);
  assert.equal(colors.color(0.5), undefined);
});
