import { text } from "./axes.js";
import type { Point } from "./region.js";
import { type Rect, type SvgNode, textWidth } from "./svg-node.js";
import { fitText } from "./text-fit.js";

export type Anchor = "start" | "middle" | "end";

export interface LabelStyle {
  anchor: Anchor;
  fill: string;
  size: number;
}

/** Pixels by which a label gives way to another one at a time, and how often. */
const STEP = 4;
const STEPS = 12;

/** Writes labels around a plot: none sticks out of the panel, and later ones move down until they touch no earlier one. */
export class Labeller {
  readonly #plot: Rect;
  readonly #boxes: Rect[] = [];

  constructor(plot: Rect) {
    this.#plot = plot;
  }

  put(content: string, { x, y }: Point, { anchor, fill, size }: LabelStyle): SvgNode {
    const right = this.#plot.x + this.#plot.width + 8;
    const label = fitText(content, size, right - 2);
    const width = textWidth(label, size);
    const left = x - width * { start: 0, middle: 0.5, end: 1 }[anchor];
    const box = { x: Math.max(2, Math.min(left, right - width)), y: y - size, width, height: size + 3 };
    for (let step = 0; step < STEPS && this.#boxes.some((other) => overlap(box, other)); step++) box.y += STEP;
    this.#boxes.push(box);
    return text(label, box.x, box.y + size, fill, size);
  }
}

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
