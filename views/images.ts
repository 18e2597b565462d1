import type { ImagesView } from "../src/protocol.js";
import { finiteExtent } from "./arrays.js";
import { type PanelOptions, notice, px } from "./axes.js";
import type { FigureModel } from "./figure-model.js";
import { formatNumber } from "./format.js";
import { type ColorAxis, continuousColors } from "./palette.js";
import { panelHead } from "./panel-head.js";
import { type Rect, type SvgNode, svg } from "./svg-node.js";
import type { Theme } from "./theme.js";

/** One picture on the panel. */
export interface Tile {
  /** The member or point that it is of. */
  index: number;
  box: Rect;
  /** Brightness, row by row from the top. */
  pixels: ArrayLike<number>;
}

/** A laid-out grid of pictures. */
export interface ImagesPanel {
  type: "images";
  plot: Rect;
  frame: SvgNode;
  tiles: Tile[];
  /** Size of a picture in its own pixels. */
  height: number;
  width: number;
  of: ImagesView["of"];
  /** The member whose pictures these are, where members have their own. */
  member: number | undefined;
  colors: ColorAxis;
}

/** A picture is at least this large on the page, and at most. */
const TILE = { min: 30, max: 96, gap: 4 } as const;

export function imagesPanel(model: FigureModel, view: ImagesView, options: PanelOptions): ImagesPanel {
  const { theme } = options;
  const { shape, values } = model.array(view.images);
  const [height = 0, width = 0] = shape.slice(-2);
  const size = height * width;
  const own = shape.length === 4;
  const member = own ? (model.focus ?? 0) : undefined;
  const count = own ? (shape[1] ?? 0) : (shape[0] ?? 0);
  const title = model.titleOf(view.title, "Images", member);
  const layOut = (shown: number) => {
    const note = shown < count ? `${formatNumber(shown)} of ${formatNumber(count)}` : undefined;
    const head = panelHead({ letter: options.letter, title, note }, options, theme);
    const area = { x: 4, y: head.height, width: options.width - 12, height: options.height - head.height - 10 };
    return { head, plot: area, places: tilePlaces(area, count, height > 0 ? width / height : 1) };
  };
  // That some have no room is said above them, and may take room itself.
  const { plot, places } = layOut(layOut(count).places.length);
  const { head } = layOut(places.length);
  const indices = shownImages(model, view, count, places.length);
  const tiles = indices.map((index, at): Tile => {
    const start = ((member ?? 0) * (own ? count : 0) + index) * size;
    return { index, box: places[at] ?? plot, pixels: values.subarray(start, start + size) };
  });
  const frame = svg("g", {}, head.node, count === 0 ? notice("No images yet", plot, theme) : undefined);
  const colors = continuousColors(view.title ?? "brightness", "linear", finiteExtent(values), model.settings.palette);
  return { type: "images", plot, frame, tiles, height, width, of: view.of, member, colors };
}

/** The first ones; those that are chosen before the others, if there is no room for all. */
function shownImages(model: FigureModel, view: ImagesView, count: number, room: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  if (count <= room) return all;
  const chosen = new Set(model.selection[view.of].filter((index) => index < count));
  return [...chosen, ...all.filter((index) => !chosen.has(index))].slice(0, room);
}

/** Places for as many tiles as there is room for, as large as possible. */
function tilePlaces(plot: Rect, count: number, aspect: number): Rect[] {
  let size: number = TILE.max;
  const fit = (tile: number) => {
    const across = Math.max(1, Math.floor((plot.width + TILE.gap) / (tile * aspect + TILE.gap)));
    const down = Math.max(1, Math.floor((plot.height + TILE.gap) / (tile + TILE.gap)));
    return { across, room: across * down };
  };
  while (size > TILE.min && fit(size).room < count) size -= 2;
  const { across, room } = fit(size);
  return Array.from({ length: Math.min(count, room) }, (_, index) => ({
    x: plot.x + (index % across) * (size * aspect + TILE.gap),
    y: plot.y + Math.floor(index / across) * (size + TILE.gap),
    width: size * aspect,
    height: size,
  }));
}

/** Colours that a static picture tells apart. */
const STATIC_LEVELS = 24;

/** All tiles as nodes of a static picture: one path for each colour. */
export function imagesMarks(panel: ImagesPanel, chosen: readonly number[], theme: Theme): SvgNode {
  const { tiles, width, height, colors } = panel;
  const last = colors.colors.length - 1;
  const paths = new Map<number, string>();
  for (const { box, pixels } of tiles) {
    const [dx, dy] = [box.width / width, box.height / height];
    for (let row = 0; row < height; row++) {
      const level = (at: number) => Math.round((colors.level(pixels[row * width + at] ?? NaN) / last) * STATIC_LEVELS);
      let column = 0;
      while (column < width) {
        let end = column + 1;
        while (end < width && level(end) === level(column)) end += 1;
        const d = `M${px(box.x + column * dx)} ${px(box.y + row * dy)}h${px((end - column) * dx)}v${px(dy)}h${px((column - end) * dx)}z`;
        paths.set(level(column), (paths.get(level(column)) ?? "") + d);
        column = end;
      }
    }
  }
  const fill = (level: number) => (level < 0 ? theme.empty : colors.colors[Math.round((level / STATIC_LEVELS) * last)]);
  const frames = tileFrames(panel, chosen, theme.text, 2);
  return svg("g", {}, ...[...paths].map(([level, d]) => svg("path", { d, fill: fill(level) })), ...frames);
}

/** Frames around some of the tiles. */
export const tileFrames = (
  { tiles }: ImagesPanel,
  indices: readonly number[],
  stroke: string,
  width: number,
): SvgNode[] =>
  tiles
    .filter((tile) => indices.includes(tile.index))
    .map(({ box }) => svg("rect", { ...box, fill: "none", stroke, "stroke-width": width }));
