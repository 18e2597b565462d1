import { scaleLinear, scaleLog } from "d3-scale";
import { formatNumber, powerOfTen } from "./format.js";

/** A mark on an axis; minor ticks have no label. */
export interface Tick {
  value: number;
  /** Pixels. */
  position: number;
  label: string;
}

/** Maps values to pixels and knows its ticks. */
export interface AxisScale {
  kind: "linear" | "log";
  domain: [number, number];
  /** NaN for what the axis cannot show: missing values, and zero or less on a logarithmic axis. */
  toPixel: (value: number) => number;
  toValue: (pixel: number) => number;
  ticks: Tick[];
}

export interface AxisScaleOptions {
  kind: "linear" | "log";
  domain: [number, number];
  /** Pixels of the two ends. */
  range: [number, number];
  /** Pixels between labels at least. */
  spacing?: number;
  /** Extends a linear domain to round values. */
  nice?: boolean;
}

/** A linear or logarithmic axis with ticks at round values. */
export function axisScale({ kind, domain, range, spacing = 56, nice = false }: AxisScaleOptions): AxisScale {
  const room = Math.max(2, Math.floor(Math.abs(range[1] - range[0]) / spacing));
  const [low, high] = widen(domain, kind);
  if (kind === "log") {
    const scale = scaleLog([low, high], range);
    const toPixel = (value: number) => (value > 0 ? scale(value) : NaN);
    return {
      kind,
      domain: [low, high],
      toPixel,
      toValue: (pixel) => scale.invert(pixel),
      ticks: logTicks(low, high, room, toPixel),
    };
  }
  const scale = scaleLinear([low, high], range);
  if (nice) scale.nice(room);
  const [from = low, to = high] = scale.domain();
  const values = scale.ticks(room);
  const text = scale.tickFormat(room);
  const label = (value: number) => (Math.abs(value) >= 1e5 ? formatNumber(value) : text(value));
  const ticks = values.map((value) => ({ value, position: scale(value), label: label(value) }));
  return { kind, domain: [from, to], toPixel: (value) => scale(value), toValue: (pixel) => scale.invert(pixel), ticks };
}

/** Whether three digits say the whole value. */
export const isRound = (value: number): boolean =>
  Math.abs(Number(value.toPrecision(3)) - value) <= 1e-9 * Math.abs(value);

/** A domain of no width has no scale: opens it around its only value. */
function widen([low, high]: [number, number], kind: "linear" | "log"): [number, number] {
  if (low < high) return [low, high];
  if (kind === "log") return [low / 2, low * 2];
  const half = Math.abs(low) / 2 || 1;
  return [low - half, low + half];
}

function logTicks(low: number, high: number, room: number, toPixel: (value: number) => number): Tick[] {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const inside = (value: number) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
  const decades = range(first, last).filter((exponent) => inside(10 ** exponent));
  const stride = Math.max(1, Math.ceil(decades.length / room));
  // Below two decades the powers of ten alone leave an axis unlabelled: 2 and 5 get labels as well.
  const labelled = decades.length >= 2 ? [1] : high / low > 3 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
  const short = decades.every((exponent) => exponent >= -2 && exponent <= 3);
  const ticks: Tick[] = [];
  for (const exponent of range(first, last)) {
    for (const digit of new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, ...labelled])) {
      const value = Number(`${digit}e${exponent}`);
      if (!inside(value) || (stride > 1 && digit !== 1)) continue;
      const major = labelled.includes(digit) && (digit !== 1 || exponent % stride === 0);
      const label = !major ? "" : digit === 1 && !short ? powerOfTen(exponent) : formatNumber(value);
      ticks.push({ value, position: toPixel(value), label });
    }
  }
  return ticks;
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
