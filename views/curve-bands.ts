import type { CurvesView } from "../src/protocol.js";
import type { FigureModel } from "./figure-model.js";

/** Members that share a line: all that differ in the band's hyperparameter alone, else each for itself. */
export function curveGroups(model: FigureModel, { band }: CurvesView): number[][] {
  const all = Array.from({ length: model.members }, (_, member) => member);
  if (band === undefined) return all.map((member) => [member]);
  const others = model.columns.filter(({ role, name }) => role === "hyperparameter" && name !== band);
  const columns = others.map(({ name }) => model.values(name));
  const groups = new Map<string, number[]>();
  for (const member of all) {
    const key = columns.map((column) => column[member]).join();
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return [...groups.values()];
}

/** The median of the finite values. */
export const middle = (values: readonly number[]): number => quantile(values, 0.5);

/** Linear interpolation between the order statistics of the finite values. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? NaN;
  return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? NaN) - low);
}

/** A quantile of several rows at each of `count` places. */
export const rowQuantile = (rows: readonly ArrayLike<number>[], count: number, share: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) =>
    quantile(
      rows.map((row) => row[i] ?? NaN),
      share,
    ),
  );

/** One line there and the other one back. */
export function closed(there: Float32Array, back: Float32Array): Float32Array {
  const outline = new Float32Array(there.length + back.length);
  outline.set(there);
  for (let i = 0; i < back.length; i += 2) outline.set(back.subarray(i, i + 2), outline.length - 2 - i);
  return outline.filter((_, i) => !Number.isNaN(outline[i - (i % 2)] ?? NaN));
}
