/** Progress bars around loops: `for (const x of progress(xs)) …`. */
import { randomUUID } from "node:crypto";
import { publishDisplay } from "./publish.js";
import { escapeHtml } from "./represent/html.js";

export interface ProgressOptions {
  label?: string;
  /** Number of items, where the iterable does not tell by `length` or `size`. */
  total?: number;
}

const INTERVAL_MS = 100;
const WIDTH = 30;
const now = performance.now.bind(performance);

/** Yields the items and shows how many are done; the bar is one output that is updated at most ten times a second. */
export function progress<Item>(items: Iterable<Item>, options?: ProgressOptions): Iterable<Item>;
export function progress<Item>(items: AsyncIterable<Item>, options?: ProgressOptions): AsyncIterable<Item>;
export function progress<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  options: ProgressOptions = {},
): Iterable<Item> | AsyncIterable<Item> {
  return Symbol.asyncIterator in items ? trackAsync(items, options) : track(items, options);
}

function* track<Item>(items: Iterable<Item>, options: ProgressOptions): Generator<Item> {
  const bar = new ProgressBar(options, knownTotal(items));
  try {
    for (const item of items) {
      yield item;
      bar.advance();
    }
  } finally {
    bar.show();
  }
}

async function* trackAsync<Item>(items: AsyncIterable<Item>, options: ProgressOptions): AsyncGenerator<Item> {
  const bar = new ProgressBar(options, undefined);
  try {
    for await (const item of items) {
      yield item;
      bar.advance();
    }
  } finally {
    bar.show();
  }
}

function knownTotal(items: object): number | undefined {
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === "number" ? length : typeof size === "number" ? size : undefined;
}

class ProgressBar {
  readonly #label: string;
  readonly #total: number | undefined;
  readonly #start = now();
  readonly #displayId = randomUUID();
  #shown = 0;
  #done = 0;
  #displayed = false;

  constructor({ label = "", total }: ProgressOptions, knownTotal: number | undefined) {
    this.#label = label;
    this.#total = total ?? knownTotal;
    this.show();
  }

  advance(): void {
    this.#done++;
    if (now() - this.#shown >= INTERVAL_MS) this.show();
  }

  show(): void {
    this.#shown = now();
    const { text, fraction } = this.#describe();
    const label = escapeHtml(text);
    const bar =
      fraction === undefined ? "<progress></progress>" : `<progress max="1" value="${fraction.toFixed(4)}"></progress>`;
    const bundle = { "text/plain": `${textBar(fraction)}${text}`, "text/html": `${bar} <span>${label}</span>` };
    publishDisplay(bundle, { displayId: this.#displayId, update: this.#displayed });
    this.#displayed = true;
  }

  #describe(): { text: string; fraction: number | undefined } {
    const seconds = (now() - this.#start) / 1000;
    const fraction = this.#total === undefined || this.#total === 0 ? undefined : Math.min(1, this.#done / this.#total);
    const count = this.#total === undefined ? String(this.#done) : `${this.#done}/${this.#total}`;
    const left =
      fraction !== undefined && fraction > 0 && fraction < 1
        ? `, ${formatSeconds(seconds / fraction - seconds)} left`
        : "";
    return {
      text: `${this.#label === "" ? "" : `${this.#label} `}${count} in ${formatSeconds(seconds)}${left}`,
      fraction,
    };
  }
}

function textBar(fraction: number | undefined): string {
  if (fraction === undefined) return "";
  const full = Math.round(fraction * WIDTH);
  return `[${"#".repeat(full)}${" ".repeat(WIDTH - full)}] `;
}

function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
