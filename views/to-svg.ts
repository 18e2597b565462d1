import type { FigureView } from "../src/protocol.js";
import { text } from "./axes.js";
import { curvesMarks } from "./curves.js";
import { FigureModel } from "./figure-model.js";
import { histogramMarks } from "./histogram.js";
import { imagesMarks } from "./images.js";
import { latentSpaceMarks } from "./latent-space.js";
import { type Panel, layoutPanel } from "./panel.js";
import { phaseDiagramMarks } from "./phase-diagram.js";
import { describeProgress } from "./progress-text.js";
import { DEFAULT_SETTINGS, type ViewSettings } from "./settings.js";
import { type SvgNode, svg, textWidth, toXML } from "./svg-node.js";
import { wrapText } from "./text-fit.js";
import { BOLD, FONT, FONT_FAMILY, LIGHT, type Theme } from "./theme.js";

export interface StaticPictureOptions {
  /** Width and height of one panel in pixels. */
  panelWidth?: number;
  panelHeight?: number;
  /** Panels beside each other at most. */
  columns?: number;
  theme?: Theme;
  settings?: ViewSettings;
}

const MARGIN = 12;
const GUTTER = 14;
/** Lines of the title at most, and of the progress, which may end with a message. */
const HEADER_LINES = 3;

/**
 * The whole figure as a static picture, without a DOM: what a notebook shows on GitHub, in nbviewer and nbconvert.
 * @param payload a figure payload with its arrays inline
 * @returns a well-formed SVG document
 * @throws {PayloadError} when the payload cannot be shown
 */
export function toSVG(payload: unknown, options: StaticPictureOptions = {}): string {
  const { panelWidth = 330, panelHeight = 290, columns = 3, theme = LIGHT, settings = DEFAULT_SETTINGS } = options;
  const model = new FigureModel(payload);
  model.settings = settings;
  const { views, title } = model;
  const across = Math.max(1, Math.min(columns, views.length));
  const width = 2 * MARGIN + across * panelWidth + (across - 1) * GUTTER;
  const head = header(model, title, width, theme);
  const panels = views.map((view, index) => {
    const x = MARGIN + (index % across) * (panelWidth + GUTTER);
    const y = head.height + Math.floor(index / across) * (panelHeight + GUTTER);
    const letter = views.length > 1 ? String.fromCharCode(97 + index) : undefined;
    return svg(
      "g",
      { transform: `translate(${x} ${y})`, role: "img", "aria-label": viewName(view) },
      ...panelNodes(model, layoutPanel(model, view, { width: panelWidth, height: panelHeight, theme, letter }), theme),
    );
  });
  const rows = Math.ceil(views.length / across);
  const bottom = head.height + rows * panelHeight + Math.max(0, rows - 1) * GUTTER;
  const caption = captionNode(model, bottom + 14, width, theme);
  const height = bottom + (caption ? 26 : 0) + MARGIN / 2;
  const root = svg(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      "font-family": FONT_FAMILY,
      role: "img",
    },
    svg("title", {}, title ?? views.map(viewName).join(", ")),
    svg("rect", { width, height, fill: theme.surface }),
    head.node,
    ...panels,
    caption,
  );
  return toXML(root);
}

/** What a view is called when it has no title of its own. */
export function viewName(view: FigureView): string {
  const names = {
    "phase-diagram": "Phase diagram",
    curves: "Training curves",
    "latent-space": "Latent space",
    histogram: "Histogram",
    images: "Images",
  };
  return view.title ?? names[view.type];
}

function panelNodes(model: FigureModel, panel: Panel, theme: Theme): SvgNode[] {
  switch (panel.type) {
    case "phase-diagram":
      return [panel.frame, phaseDiagramMarks(panel, model.selection.members, theme)];
    case "curves":
      return [panel.frame, curvesMarks(panel, model.selection.members, theme)];
    case "latent-space":
      return [panel.frame, latentSpaceMarks(panel, theme)];
    case "histogram":
      return [panel.frame, histogramMarks(panel, model.selection.members, theme)];
    case "images":
      return [panel.frame, imagesMarks(panel, model.selection[panel.of], theme)];
  }
}

/** Title and progress, beside each other where there is room; long ones take several lines. */
function header(
  model: FigureModel,
  title: string | undefined,
  width: number,
  theme: Theme,
): { node: SvgNode; height: number } {
  const room = width - 2 * MARGIN - 4;
  const heading = title ? wrapText(title, FONT.title * BOLD, room, HEADER_LINES) : [];
  const progress = wrapText(describeProgress(model), FONT.note, room, HEADER_LINES);
  const together = textWidth(title ?? "", FONT.title * BOLD) + textWidth(progress.join(" "), FONT.note) + 2 * MARGIN;
  const beside = heading.length === 0 ? progress.length === 1 : together < room;
  const y = (line: number) => 24 + 19 * line;
  const place = beside
    ? { x: width - MARGIN, line: 0, anchor: "end" }
    : { x: MARGIN + 4, line: heading.length, anchor: "start" };
  const nodes = [
    ...heading.map((part, line) => text(part, MARGIN + 4, y(line), theme.text, FONT.title, { "font-weight": 600 })),
    ...progress.map((part, line) =>
      text(part, place.x, y(place.line + line), theme.muted, FONT.note, { "text-anchor": place.anchor }),
    ),
  ];
  return { node: svg("g", {}, ...nodes), height: y(place.line + progress.length - 1) + 14 };
}

/** The chosen member's hyperparameters and metrics, as many as fit on one line. */
function captionNode(model: FigureModel, y: number, width: number, theme: Theme): SvgNode | undefined {
  const member = model.focus;
  if (member === undefined) return undefined;
  const parts = [`Member ${member} (${model.state(member)})`];
  for (const { label, value } of model.describe(member)) {
    const longer = [...parts, `${label} ${value}`];
    if (textWidth(longer.join(" · "), FONT.note) > width - 4 * MARGIN) break;
    parts.push(`${label} ${value}`);
  }
  return text(parts.join(" · "), MARGIN + 4, y, theme.text, FONT.note);
}
