import { interpolateCividis, interpolateMagma, interpolateViridis } from "d3-scale-chromatic";
import { formatNumber } from "./format.js";
import { axisScale } from "./scales.js";

/**
 * Okabe and Ito's eight colours, told apart with every common colour blindness (jfly.uni-koeln.de/color), with grey in the
 * place of black, which a dark page hides.
 */
export const OKABE_ITO = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#f0e442",
  "#999999",
] as const;

export type PaletteName = "viridis" | "cividis" | "magma";

/** Palettes by name: perceptually uniform, legible in grey; the ends are cut so that lines stay visible on any page. */
const PALETTES: Record<PaletteName, (t: number) => string> = {
  viridis: (t) => interpolateViridis(0.03 + 0.92 * t),
  cividis: (t) => interpolateCividis(0.03 + 0.92 * t),
  magma: (t) => interpolateMagma(0.24 + 0.62 * t),
};

const LEVELS = 256;
const tables = new Map<PaletteName, string[]>();

/** The palette as 256 colours, `rgb(…)` or `#…`. */
export function paletteColors(name: PaletteName): string[] {
  let table = tables.get(name);
  if (!table) {
    table = Array.from({ length: LEVELS }, (_, level) => PALETTES[name](level / (LEVELS - 1)));
    tables.set(name, table);
  }
  return table;
}

/** How values become colours, and what the legend says about it. */
export interface ColorAxis {
  kind: "linear" | "log" | "category";
  label: string;
  /** Undefined where the value is missing, or not positive on a logarithmic axis. */
  color: (value: number) => string | undefined;
  /** Position of the colour in `colors`; −1 where there is none. */
  level: (value: number) => number;
  colors: readonly string[];
  /** Colour-bar marks: `at` is the fraction of the bar from its low end. Empty for categories. */
  ticks: { at: number; label: string }[];
  /** Names in the order of `colors`, for categories only. */
  categories?: readonly string[];
}

/** Colours for categories; index i has the i-th Okabe-Ito colour, round and round. */
export function categoryColors(label: string, categories: readonly string[]): ColorAxis {
  const colors = categories.map((_, index) => OKABE_ITO[index % OKABE_ITO.length] ?? OKABE_ITO[0]);
  const level = (value: number) => (Number.isInteger(value) && value >= 0 && value < colors.length ? value : -1);
  return { kind: "category", label, colors, categories, ticks: [], level, color: (value) => colors[level(value)] };
}

/** Colours for a quantity over its domain, or over [0, 1] when nothing is known yet. */
export function continuousColors(
  label: string,
  kind: "linear" | "log",
  domain: [number, number] | undefined,
  palette: PaletteName = "viridis",
): ColorAxis {
  const colors = paletteColors(palette);
  if (!domain) return { kind, label, colors, ticks: [], level: () => -1, color: () => undefined };
  const scale = axisScale({ kind, domain, range: [0, 1], spacing: 0.19 });
  const level = levelOn(kind, scale.domain);
  return { kind, label, colors, level, ticks: barTicks(scale.ticks, domain), color: (value) => colors[level(value)] };
}

/** What the colour scale does to a value, in few operations: large diagrams ask for it a million times a second. */
function levelOn(kind: "linear" | "log", [low, high]: [number, number]): ColorAxis["level"] {
  const isLog = kind === "log";
  const from = isLog ? Math.log(low) : low;
  const perUnit = (LEVELS - 1) / ((isLog ? Math.log(high) : high) - from);
  return (value) => {
    if (isLog && value <= 0) return -1;
    const level = Math.round(((isLog ? Math.log(value) : value) - from) * perUnit);
    // False for NaN.
    return level >= LEVELS ? LEVELS - 1 : level >= 0 ? level : level < 0 ? 0 : -1;
  };
}

/** Labelled ticks of the bar; a domain too narrow for two round values is labelled at its ends. */
function barTicks(ticks: { position: number; label: string }[], [low, high]: [number, number]) {
  const labelled = ticks.filter((tick) => tick.label !== "").map(({ position, label }) => ({ at: position, label }));
  if (labelled.length >= 2 || low === high) return labelled;
  return [
    { at: 0, label: formatNumber(low) },
    { at: 1, label: formatNumber(high) },
  ];
}
