import type { Camera } from "./camera.js";
import type { ColorAxis } from "./palette.js";
import type { Tick } from "./scales.js";
import { type Rect, type SvgNode, svg, textWidth } from "./svg-node.js";
import { fitText, wrapText } from "./text-fit.js";
import { FONT, type Theme } from "./theme.js";

/** Size of a panel and what distinguishes it. */
export interface PanelOptions {
  width: number;
  height: number;
  theme: Theme;
  /** The theme's surface as a colour, where the theme's own is a variable of the page. */
  surface?: string | undefined;
  /** "a", "b", … when the figure has several panels. */
  letter?: string | undefined;
  /** How a person looks at a cloud of points. */
  camera?: Camera | undefined;
  /** What a member's latent space is laid out for, if not for its points: where a person has moved the camera. */
  held?: { member: number | undefined; extents: [number, number][] } | undefined;
}

/** What an axis shows: its name and its marks. */
export interface Axis {
  label: string;
  ticks: readonly Tick[];
}

const TICK = { major: 5, minor: 3 } as const;
/** Space for ticks and label below a plot. */
const BOTTOM = 46;
/** From the widest tick label to the outer edge: the rotated axis label and air. */
const LABEL_BAND = 22;
/** Pixels from one line of a rotated axis label to the next, and of them at most. */
const LABEL_LINE = 14;
const LABEL_LINES = 2;
/** How far the name of an axis may reach beyond the axis, at both ends together. */
const BEYOND = 20;

/**
 * The part of a panel that data may use.
 * @param yTicks labels that must fit on the left
 * @param top pixels that the panel's head takes
 * @param right pixels to keep free for a legend
 * @param label name of the axis at the left, which has two lines where it does not fit on one
 */
export function plotArea(
  { width, height }: { width: number; height: number },
  yTicks: readonly string[],
  { top, right = 18, label = "" }: { top: number; right?: number; label?: string },
): Rect {
  const widest = Math.max(0, ...yTicks.map((tick) => textWidth(tick, FONT.tick)));
  const long = Math.max(20, height - top - BOTTOM);
  const more = Math.max(0, leftLines(label, long, LABEL_LINES).length - 1) * LABEL_LINE;
  const left = Math.ceil(widest + TICK.major + 5 + LABEL_BAND) + more;
  return { x: left, y: top, width: Math.max(20, width - left - right), height: long };
}

const leftLines = (label: string, height: number, most: number): string[] =>
  wrapText(label, FONT.label, height + BEYOND, most);

/**
 * Horizontal axis below `plot`.
 * @param gap pixels between plot and axis
 * @param beyond how far labels may reach beyond the plot, at either end; those at the ends move inwards for it
 */
export function bottomAxis({ label, ticks }: Axis, plot: Rect, theme: Theme, gap = 0, beyond = 30): SvgNode {
  const y = plot.y + plot.height + gap;
  const marks = ticks.map((tick) => `M${px(tick.position)} ${px(y)}v${tick.label ? TICK.major : TICK.minor}`).join("");
  const labels = fitting(ticks, plot, beyond).map((tick) =>
    text(tick.label, tick.position, y + TICK.major + 12, theme.text, FONT.tick, { "text-anchor": "middle" }),
  );
  return svg(
    "g",
    {},
    svg("path", { d: `M${px(plot.x)} ${px(y)}h${px(plot.width)}${marks}`, fill: "none", stroke: theme.axis }),
    ...labels,
    label ? bottomLabel(label, plot, theme) : undefined,
  );
}

/** Name of the axis below `plot`. */
export function bottomLabel(label: string, plot: Rect, theme: Theme): SvgNode {
  const y = plot.y + plot.height + 38;
  const name = fitText(label, FONT.label, plot.width + BEYOND);
  return text(name, plot.x + plot.width / 2, y, theme.text, FONT.label, { "text-anchor": "middle" });
}

/** Vertical axis at the left of `plot`. */
export function leftAxis({ label, ticks }: Axis, plot: Rect, theme: Theme, gap = 0): SvgNode {
  const x = plot.x - gap;
  const marks = ticks.map((tick) => `M${px(x)} ${px(tick.position)}h-${tick.label ? TICK.major : TICK.minor}`).join("");
  const labels = ticks
    .filter((tick) => tick.label)
    .map((tick) =>
      text(tick.label, x - TICK.major - 4, tick.position + 3.7, theme.text, FONT.tick, { "text-anchor": "end" }),
    );
  const widest = Math.max(0, ...ticks.map((tick) => textWidth(tick.label, FONT.tick)));
  return svg(
    "g",
    {},
    svg("path", { d: `M${px(x)} ${px(plot.y)}v${px(plot.height)}${marks}`, fill: "none", stroke: theme.axis }),
    ...labels,
    label ? leftLabel(label, plot, theme, widest, gap) : undefined,
  );
}

/**
 * Name of the axis at the left of `plot`.
 * @param widest pixels of the widest tick label
 */
export function leftLabel(label: string, plot: Rect, theme: Theme, widest: number, gap = 0): SvgNode {
  const middle = plot.y + plot.height / 2;
  const last = Math.max(FIRST_BASELINE, plot.x - TICK.major - 4 - widest - 8 - gap);
  const room = 1 + Math.round((last - FIRST_BASELINE) / LABEL_LINE);
  const lines = leftLines(label, plot.height, Math.min(LABEL_LINES, room));
  const nodes = lines.map((line, index) => {
    const baseline = last - (lines.length - 1 - index) * LABEL_LINE;
    const transform = `rotate(-90 ${px(baseline)} ${px(middle)})`;
    return text(line, baseline, middle, theme.text, FONT.label, { "text-anchor": "middle", transform });
  });
  return nodes.length === 1 ? nodes[0]! : svg("g", {}, ...nodes);
}

/** Of the outermost line of a rotated label, from the panel's edge. */
const FIRST_BASELINE = 11;

/** Labelled ticks, without those that would touch the one before; the labels' places, which are inside the bounds. */
function fitting(ticks: readonly Tick[], plot: Rect, beyond: number): Tick[] {
  const kept: Tick[] = [];
  const end = plot.x + plot.width + beyond;
  let free = plot.x - beyond;
  const ascending = ticks.filter((tick) => tick.label).sort((a, b) => a.position - b.position);
  for (const [index, tick] of ascending.entries()) {
    const half = textWidth(tick.label, FONT.tick) / 2;
    const lowest = index === 0 ? free + half : -Infinity;
    const position = Math.max(lowest, Math.min(tick.position, end - half));
    if (position - half < free) continue;
    kept.push({ ...tick, position });
    free = position + half + 6;
  }
  return kept;
}

/** Lines across the plot at the labelled ticks. */
export function gridLines(x: readonly Tick[], y: readonly Tick[], plot: Rect, theme: Theme): SvgNode {
  const vertical = x
    .filter((tick) => tick.label)
    .map((tick) => `M${px(tick.position)} ${px(plot.y)}v${px(plot.height)}`);
  const horizontal = y
    .filter((tick) => tick.label)
    .map((tick) => `M${px(plot.x)} ${px(tick.position)}h${px(plot.width)}`);
  return svg("path", { d: [...vertical, ...horizontal].join(""), fill: "none", stroke: theme.grid });
}

/** A sentence in the middle of a plot that has nothing to show yet. */
export function notice(message: string, plot: Rect, theme: Theme): SvgNode {
  const y = plot.y + plot.height / 2;
  return text(message, plot.x + plot.width / 2, y, theme.muted, FONT.label, { "text-anchor": "middle" });
}

/** Width that {@link colorBar} needs at the right of a plot, air included. */
export function colorBarWidth(colors: ColorAxis): number {
  return 14 + 10 + 9 + Math.max(12, ...colors.ticks.map((tick) => textWidth(tick.label, FONT.tick))) + 20;
}

/** A vertical colour bar with ticks and its quantity, at the right of `plot`. */
export function colorBar(colors: ColorAxis, plot: Rect, theme: Theme): SvgNode {
  const bar = { x: plot.x + plot.width + 14, y: plot.y, width: 10, height: plot.height };
  const steps = 64;
  const stripes = Array.from({ length: steps }, (_, step) => {
    const fill = colors.colors[Math.round((step / (steps - 1)) * (colors.colors.length - 1))];
    const y = bar.y + bar.height * (1 - (step + 1) / steps);
    // One pixel more than its share, under the next stripe: no seams at fractional heights.
    return svg("rect", { x: bar.x, y, width: bar.width, height: bar.height / steps + (step > 0 ? 1 : 0), fill });
  });
  const right = bar.x + bar.width;
  const position = (at: number) => bar.y + bar.height * (1 - at);
  const marks = colors.ticks.map((tick) => `M${px(right)} ${px(position(tick.at))}h4`).join("");
  const labels = colors.ticks.map((tick) =>
    text(tick.label, right + 7, position(tick.at) + 3.7, theme.text, FONT.tick),
  );
  const x = right + 7 + Math.max(12, ...colors.ticks.map((tick) => textWidth(tick.label, FONT.tick))) + 14;
  const middle = bar.y + bar.height / 2;
  const name = text(fitText(colors.label, FONT.label, plot.height + BEYOND), x, middle, theme.text, FONT.label, {
    "text-anchor": "middle",
    transform: `rotate(-90 ${px(x)} ${px(middle)})`,
  });
  return svg("g", {}, ...stripes, marks ? svg("path", { d: marks, stroke: theme.axis }) : undefined, ...labels, name);
}

/** A line of text; `extra` adds attributes. */
export function text(
  content: string,
  x: number,
  y: number,
  fill: string,
  size: number,
  extra: Record<string, string | number> = {},
): SvgNode {
  return svg("text", { x, y, fill, "font-size": size, ...extra }, content);
}

/** A coordinate as path data: two decimals at most. */
export const px = (value: number): string => String(Math.round(value * 100) / 100);
