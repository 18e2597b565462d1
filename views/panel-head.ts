import { text } from "./axes.js";
import { type Rect, type SvgNode, svg, textWidth } from "./svg-node.js";
import { fitText, wrapText } from "./text-fit.js";
import { BOLD, FONT, type Theme } from "./theme.js";

/** A name in a legend, with what draws its swatch in a box of 11 pixels. */
export interface LegendEntry {
  label: string;
  swatch: (box: Rect) => SvgNode[];
}

/** What stands above a plot. */
export interface HeadContent {
  /** "a", "b", … when the figure has several panels. */
  letter?: string | undefined;
  title: string;
  /** How the plot is to be read, in a few words. */
  note?: string | undefined;
  legend?: readonly LegendEntry[];
}

/** A laid-out head: the plot begins `height` pixels from the panel's top. */
export interface PanelHead {
  node: SvgNode;
  height: number;
}

/** Pixels of a line; of the first one's baseline; from the last baseline to the plot. */
const LINE = 16;
const BASELINE = 17;
const BELOW = 17;
const EDGE = 4;
const RIGHT = 8;
const SWATCH = 15;
const BETWEEN = 10;
/** Part of a panel's height that lines above the plot may take. */
const MOST = 0.3;

/** A swatch with its name, or words alone. */
interface Item {
  label: string;
  swatch?: LegendEntry["swatch"];
}

/**
 * Title, note and legend of a panel. Note and legend stand at the right of the title where there is room, else in rows below
 * it; long titles take several lines.
 */
export function panelHead(
  { letter, title, note, legend = [] }: HeadContent,
  { width, height }: { width: number; height: number },
  theme: Theme,
): PanelHead {
  const left = letter ? 20 : EDGE;
  const items: Item[] = [...(note ? [{ label: note }] : []), ...legend];
  const most = Math.max(2, Math.floor((MOST * height) / LINE));
  const lines = wrapText(
    title,
    FONT.panel * BOLD,
    width - left - RIGHT,
    Math.max(1, most - (items.length > 0 ? 1 : 0)),
  );
  const wide = items.reduce((sum, item) => sum + itemWidth(item) + BETWEEN, 0);
  const beside = lines.length <= 1 && left + textWidth(title, FONT.panel * BOLD) + wide + BETWEEN + RIGHT <= width;
  const right = { x: width - RIGHT + BETWEEN - wide, width: wide };
  const below = { x: EDGE, width: width - EDGE - RIGHT };
  const rows = beside ? flow(items, right, 1) : flow(items, below, most - lines.length);
  const first = BASELINE + (beside ? 0 : LINE * lines.length);
  const node = svg(
    "g",
    {},
    letter ? text(letter, EDGE, BASELINE, theme.text, FONT.panel, { "font-weight": 700 }) : undefined,
    ...lines.map((line, index) =>
      text(line, left, BASELINE + index * LINE, theme.text, FONT.panel, { "font-weight": 600 }),
    ),
    ...rows.flatMap((row, index) => row.flatMap(({ item, x }) => itemNodes(item, x, first + index * LINE, theme))),
  );
  const last = Math.max(1, lines.length + (beside ? 0 : rows.length));
  return { node, height: BASELINE + (last - 1) * LINE + BELOW };
}

const itemWidth = ({ label, swatch }: Item): number => textWidth(label, FONT.tick) + (swatch ? SWATCH : 0);

interface Placed {
  item: Item;
  x: number;
}

/** Items from left to right and top to bottom; the last one counts those for which there is no room. */
function flow(items: readonly Item[], { x: start, width }: { x: number; width: number }, most: number): Placed[][] {
  const rows: Placed[][] = [];
  let x = Infinity;
  for (const [index, item] of items.entries()) {
    const label = fitText(item.label, FONT.tick, width - (item.swatch ? SWATCH : 0));
    const needed = itemWidth({ ...item, label });
    if (x + needed > start + width) {
      if (rows.length === most) return withMore(rows, items.length - index, start + width);
      rows.push([]);
      x = start;
    }
    rows.at(-1)?.push({ item: { ...item, label }, x });
    x += needed + BETWEEN;
  }
  return rows;
}

/** Ends the last row with the number of items that have no room, which takes the place of as many as it needs. */
function withMore(rows: Placed[][], missing: number, right: number): Placed[][] {
  const row = [...(rows.at(-1) ?? [])];
  let count = missing;
  for (;;) {
    const more = { label: `+ ${count} more` };
    const last = row.at(-1);
    const x = last ? last.x + itemWidth(last.item) + BETWEEN : EDGE;
    if (!last || x + itemWidth(more) <= right) return [...rows.slice(0, -1), [...row, { item: more, x }]];
    row.pop();
    count += 1;
  }
}

function itemNodes({ label, swatch }: Item, x: number, y: number, theme: Theme): SvgNode[] {
  const name = text(label, x + (swatch ? SWATCH : 0), y, theme.muted, FONT.tick);
  return swatch ? [...swatch({ x, y: y - 9.5, width: 11, height: 11 }), name] : [name];
}
