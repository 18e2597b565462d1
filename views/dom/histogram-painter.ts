import { type Bar, type Histogram, type HistogramPanel, barBox, histogramMarks } from "../histogram.js";
import { plural } from "../format.js";
import { svg } from "../svg-node.js";
import type { Painter } from "./painter.js";

/** Bars are few: they are drawn as elements of the overlay, and the canvas stays empty. */
export const histogramPainter: Painter<HistogramPanel> = {
  role: "histogram",
  drag: "rectangle",

  paint() {
    return undefined;
  },

  overlay(panel, { members }, hovered, theme) {
    const marks = histogramMarks(panel, members, theme);
    const frames = panel.histograms.flatMap((one) => {
      const bar = hovered === undefined ? undefined : one.bars.find((candidate) => candidate.members.includes(hovered));
      if (!bar) return [];
      return [
        svg("rect", { ...barBox(bar, one, bar.members.length), fill: "none", stroke: theme.accent, "stroke-width": 2 }),
      ];
    });
    return [marks, ...frames];
  },

  hit({ histograms }, _model, x, y) {
    const one = histograms.find(
      ({ plot }) => x >= plot.x && x < plot.x + plot.width && y >= plot.y && y <= plot.y + plot.height,
    );
    const bar = one?.bars.find((candidate) => x >= candidate.left && x < candidate.right);
    const member = bar?.members.at(-1);
    if (!bar || member === undefined) return undefined;
    const extra = [{ label: "in this bar", value: plural(bar.members.length, "member") }];
    return { choice: { members: bar.members }, member, extra };
  },

  /** Every bar that the rectangle touches. */
  inside({ histograms }, { bounds }) {
    const touched = histograms.flatMap(({ bars }) =>
      bars.filter((bar) => bar.left < bounds.x + bounds.width && bar.right > bounds.x),
    );
    return { members: touched.flatMap((bar) => bar.members) };
  },

  between({ histograms }, from, to) {
    const bars = filled(histograms[0]);
    const [a, b] = [at(bars, from), at(bars, to)];
    const stretch = bars.slice(Math.min(a, b), Math.max(a, b) + 1).flatMap((bar) => bar.members);
    return [...stretch.filter((member) => member !== to), to];
  },

  neighbour({ histograms }, _model, member, key) {
    const bars = filled(histograms[0]);
    const now = at(bars, member);
    if (key === "Home" || now === -1) return bars[0]?.members.at(-1);
    if (key === "End") return bars.at(-1)?.members.at(-1);
    return bars[key === "ArrowRight" || key === "ArrowUp" ? now + 1 : now - 1]?.members.at(-1);
  },

  anchor({ histograms: [one] }, member) {
    const bar = one?.bars.find((candidate) => candidate.members.includes(member));
    return one && bar && { x: (bar.left + bar.right) / 2, y: one.y.toPixel(bar.members.length) };
  },
};

const filled = (one: Histogram | undefined): Bar[] => (one?.bars ?? []).filter((bar) => bar.members.length > 0);

const at = (bars: readonly Bar[], member: number): number => bars.findIndex((bar) => bar.members.includes(member));
