import { formatNumber } from "./format.js";
import { distinctValues } from "./phase-axis.js";
import { type AxisScale, type Tick, isRound } from "./scales.js";
import { textWidth } from "./svg-node.js";
import { FONT } from "./theme.js";

/** Points at most that are the ticks of their axis themselves: sides of lattices, depths of networks. */
const FEW_POINTS = 12;

/** The axis with ticks at the lines' own points, where these are few round numbers from end to end that find room. */
export function ownTicks(x: AxisScale, steps: ArrayLike<number>): AxisScale {
  const values = distinctValues(steps);
  const ends = [values[0], values.at(-1)];
  if (values.length < 2 || values.length > FEW_POINTS || x.domain.some((end, index) => end !== ends[index])) return x;
  const ticks = values.map((value) => ({ value, position: x.toPixel(value), label: formatNumber(value) }));
  const half = ({ label }: Tick) => textWidth(label, FONT.tick) / 2 + 4;
  const apart = ticks.every((tick, index) => {
    const before = ticks[index - 1];
    return before === undefined || tick.position - before.position >= half(before) + half(tick);
  });
  return values.every(isRound) && apart ? { ...x, ticks } : x;
}
