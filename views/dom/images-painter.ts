import { formatNumber } from "../format.js";
import { type ImagesPanel, type Tile, tileFrames } from "../images.js";
import { type Painter, stretch } from "./painter.js";
import { pixelOf } from "./pixels.js";

export const imagesPainter: Painter<ImagesPanel> = {
  role: "images",
  drag: "rectangle",

  paint(context, panel, _chosen, theme) {
    const ratio = context.getTransform().a;
    const table = Uint32Array.from(panel.colors.colors, pixelOf);
    const empty = pixelOf(theme.empty);
    for (const { box, pixels } of panel.tiles) {
      const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
      const image = context.createImageData(width, height);
      const out = new Uint32Array(image.data.buffer);
      for (let y = 0; y < height; y++) {
        const row = Math.floor((y * panel.height) / height) * panel.width;
        for (let x = 0; x < width; x++) {
          const level = panel.colors.level(pixels[row + Math.floor((x * panel.width) / width)] ?? NaN);
          out[y * width + x] = table[level] ?? empty;
        }
      }
      context.putImageData(image, Math.round(box.x * ratio), Math.round(box.y * ratio));
    }
  },

  overlay(panel, chosen, hovered, theme) {
    const frames = [
      ...tileFrames(panel, chosen[panel.of], theme.surface, 4),
      ...tileFrames(panel, chosen[panel.of], theme.text, 2),
    ];
    if (panel.of === "points" || hovered === undefined) return frames;
    return [...frames, ...tileFrames(panel, [hovered], theme.accent, 2)];
  },

  hit(panel, model, x, y) {
    const tile = panel.tiles.find(
      ({ box }) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height,
    );
    if (!tile) return undefined;
    if (panel.of === "members") return { choice: { members: [tile.index] }, member: tile.index };
    const member = panel.member ?? model.focus ?? 0;
    return { choice: { points: [tile.index] }, member, extra: [{ label: "point", value: formatNumber(tile.index) }] };
  },

  /** Every tile that the rectangle touches. */
  inside({ tiles, of }, { bounds }) {
    const touched = tiles.filter(
      ({ box }) =>
        box.x < bounds.x + bounds.width &&
        box.x + box.width > bounds.x &&
        box.y < bounds.y + bounds.height &&
        box.y + box.height > bounds.y,
    );
    return { [of]: touched.map((tile) => tile.index) };
  },

  between({ tiles, of }, from, to) {
    return of === "members"
      ? stretch(
          tiles.map((tile) => tile.index),
          from,
          to,
        )
      : [to];
  },

  neighbour({ tiles, of }, model, member, key) {
    if (of === "points") {
      const next = key === "ArrowRight" || key === "ArrowDown" ? member + 1 : member - 1;
      return next >= 0 && next < model.members ? next : undefined;
    }
    const at = tiles.findIndex((tile) => tile.index === member);
    const across = tiles.findIndex((tile) => tile.box.y > (tiles[0]?.box.y ?? 0));
    const steps = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -across,
      ArrowDown: across,
      Home: -at,
      End: tiles.length - 1 - at,
    };
    return tiles[at === -1 ? 0 : at + steps[key]]?.index;
  },

  anchor({ tiles, of }, member) {
    const tile = of === "members" ? tiles.find((candidate: Tile) => candidate.index === member) : tiles[0];
    return tile && { x: tile.box.x + tile.box.width / 2, y: tile.box.y + tile.box.height / 2 };
  },
};
