/** What lines and letters need at least to be told from what is behind them: WCAG 2.2, 1.4.11. */
const LEAST_CONTRAST = 3;
const STEPS = 24;

type Channels = readonly [number, number, number];

const known = new Map<string, string>();

/**
 * The colour where it has a contrast of 3 : 1 on `surface`, else mixed with as little white or black as gives it that.
 * @param opacity with which it is drawn; half transparent lines need a stronger colour
 * @returns the colour as it is where it, or the surface, is in none of the forms `#rrggbb`, `rgb(…)` and `color(srgb …)`
 */
export function legibleOn(color: string, surface: string, opacity = 1): string {
  const key = `${color} ${surface} ${opacity}`;
  let legible = known.get(key);
  if (legible === undefined) known.set(key, (legible = strengthened(color, surface, opacity)));
  return legible;
}

function strengthened(color: string, surface: string, opacity: number): string {
  const [own, behind] = [channelsOf(color), channelsOf(surface)];
  if (!own || !behind) return color;
  const end: Channels = luminance(behind) > 0.18 ? [0, 0, 0] : [255, 255, 255];
  for (let step = 0; step < STEPS; step++) {
    const candidate = mixed(own, end, step / STEPS).map(Math.round) as unknown as Channels;
    if (contrast(mixed(behind, candidate, opacity), behind) >= LEAST_CONTRAST)
      return step === 0 ? color : `rgb(${candidate.join(", ")})`;
  }
  return `rgb(${end.join(", ")})`;
}

const mixed = (from: Channels, to: Channels, share: number): Channels =>
  [0, 1, 2].map((at) => from[at]! + share * (to[at]! - from[at]!)) as unknown as Channels;

/** Ratio of two colours' luminances as WCAG defines it, from 1 to 21. */
function contrast(a: Channels, b: Channels): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(channels: Channels): number {
  const [red, green, blue] = channels.map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Channels;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channelsOf(color: string): Channels | undefined {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (hex) return hex.slice(1).map((digits) => parseInt(digits, 16)) as unknown as Channels;
  const numbers = /^(rgba?\(|color\(srgb )\s*([\d.]+)[,\s]+([\d.]+)[,\s]+([\d.]+)/.exec(color);
  if (!numbers) return undefined;
  const unit = numbers[1]!.startsWith("rgb") ? 1 : 255;
  return numbers.slice(2).map((number) => unit * Number(number)) as unknown as Channels;
}
