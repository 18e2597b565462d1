import { type LatentSpacePanel, pointRadius } from "../latent-space.js";
import type { Theme } from "../theme.js";
import { pixelOf } from "./pixels.js";

/** Part of a pixel's colour that one point covers: points that overlap grow denser. */
const COVER = 0.55;

/** With more points than this in the plot each covers a single pixel: the picture shows their density. */
const DENSITY_FROM = 100_000;

/** Opacity of a pixel by the number of points on it; of this many and more it is full. */
const OPACITY = Float32Array.from({ length: 16 }, (_, count) => 1 - (1 - COVER) ** count);

/**
 * Draws very many points pixel by pixel: a pixel has the mean colour of the points on it, the last one's of categories, or the
 * nearest one's in three dimensions, and is the denser the more there are. A million points take some ten milliseconds on any machine, with
 * or without a graphics card.
 * @param faded rows to leave out, because they are drawn above; the others step back
 */
export function rasterPoints(
  context: CanvasRenderingContext2D,
  panel: LatentSpacePanel,
  theme: Theme,
  chosen: ReadonlySet<number>,
): void {
  const ratio = context.getTransform().a;
  const { plot } = panel;
  const [left, top] = [Math.round(plot.x * ratio), Math.round(plot.y * ratio)];
  const [width, height] = [Math.round(plot.width * ratio), Math.round(plot.height * ratio)];
  const layers = chosen.size === 0 ? [undefined] : [false, true];
  const image = context.createImageData(width, height);
  for (const layer of layers) {
    const isIn = layer === undefined ? undefined : (row: number) => chosen.has(row) === layer;
    const cover = accumulate(panel, { left, top, width, height, ratio }, isIn);
    blend(new Uint32Array(image.data.buffer), cover, panel, theme, layer === false ? 0.25 : 1);
  }
  context.putImageData(image, left, top);
}

interface Raster {
  left: number;
  top: number;
  width: number;
  height: number;
  ratio: number;
}

interface Coverage {
  counts: Float32Array;
  /** Sum of the levels of the points on each pixel; of categories, and in three dimensions, the level of one of them. */
  levels: Float32Array;
  single: boolean;
}

function accumulate(
  { pixels, depth, levels: levelOf, colors }: LatentSpacePanel,
  { left, top, width, height, ratio }: Raster,
  isIn: ((row: number) => boolean) | undefined,
): Coverage {
  const counts = new Float32Array(width * height);
  const levels = new Float32Array(width * height);
  const single = depth !== undefined || colors?.categories !== undefined;
  const front = new Float32Array(single ? width * height : 0).fill(-Infinity);
  const right = (left + width) / ratio;
  const bottom = (top + height) / ratio;
  const visible = countInside(pixels, left / ratio, top / ratio, right, bottom);
  const size = visible > DENSITY_FROM ? 1 : Math.max(1, Math.round(2 * pointRadius(visible) * ratio));
  if (size === 1 && !single && !isIn) {
    countPoints(pixels, levelOf, { left, top, width, height, ratio }, counts, levels);
    return { counts, levels, single };
  }
  const back = (size - 1) / 2;
  for (let row = 0; row < levelOf.length; row++) {
    const x = Math.round((pixels[2 * row] ?? NaN) * ratio - left - back);
    const y = Math.round((pixels[2 * row + 1] ?? NaN) * ratio - top - back);
    // Also false for missing points, which are NaN.
    if (!(x >= 0 && y >= 0 && x + size <= width && y + size <= height)) continue;
    if (isIn && !isIn(row)) continue;
    const level = levelOf[row] ?? 0;
    const near = depth?.[row] ?? 0;
    for (let dy = 0; dy < size; dy++) {
      for (let at = (y + dy) * width + x, end = at + size; at < end; at++) {
        counts[at] = (counts[at] ?? 0) + 1;
        if (!single) levels[at] = (levels[at] ?? 0) + level;
        else if (near >= (front[at] ?? 0)) {
          front[at] = near;
          levels[at] = level;
        }
      }
    }
  }
  return { counts, levels, single };
}

/** The case of very many points, each on a pixel of its own; nothing but what that needs. */
function countPoints(
  pixels: Float32Array,
  levelOf: Int16Array,
  { left, top, width, height, ratio }: Raster,
  counts: Float32Array,
  levels: Float32Array,
): void {
  for (let row = 0; row < levelOf.length; row++) {
    const x = (pixels[2 * row] as number) * ratio - left + 0.5;
    const y = (pixels[2 * row + 1] as number) * ratio - top + 0.5;
    // Also false for missing points, which are NaN.
    if (!(x >= 0 && y >= 0 && x < width && y < height)) continue;
    const at = (y | 0) * width + (x | 0);
    counts[at] = (counts[at] as number) + 1;
    levels[at] = (levels[at] as number) + (levelOf[row] as number);
  }
}

/** Number of points in the plot. */
function countInside(pixels: Float32Array, left: number, top: number, right: number, bottom: number): number {
  let count = 0;
  for (let i = 0; i < pixels.length; i += 2) {
    const x = pixels[i] ?? NaN;
    const y = pixels[i + 1] ?? NaN;
    if (x >= left && x <= right && y >= top && y <= bottom) count += 1;
  }
  return count;
}

/** Lays one coverage over an image. */
function blend(
  image: Uint32Array,
  { counts, levels, single }: Coverage,
  { colors }: LatentSpacePanel,
  theme: Theme,
  opacity: number,
): void {
  const table = Uint32Array.from(colors?.colors ?? [], pixelOf);
  const neutral = pixelOf(theme.neutral);
  for (let at = 0; at < image.length; at++) {
    const count = counts[at] ?? 0;
    if (count === 0) continue;
    const level = single ? (levels[at] ?? 0) : Math.round((levels[at] ?? 0) / count);
    const color = table[level] ?? neutral;
    const alpha = Math.round(255 * opacity * (OPACITY[count] ?? 1));
    image[at] = ((color & 0xffffff) | (alpha << 24)) >>> 0;
  }
}
