import { Figure, type FigureOptions } from "./figure.js";
import type { CurvesOptions, LatentSpaceOptions, PhaseDiagramOptions } from "./payload.js";
import type { FigureSource, LatentPoints } from "./source.js";

/**
 * Several linked views of one ensemble in one figure.
 * @throws {RangeError} when a view names a column that the ensemble does not have
 */
export const figure = (source: FigureSource, options: FigureOptions): Figure => new Figure(source, options);

/** A diagram over two hyperparameters, a cell for each pair, coloured by a metric. */
export const phaseDiagram = (source: FigureSource, options: PhaseDiagramOptions): Figure =>
  new Figure(source, { views: [{ type: "phase-diagram", ...options }] });

/** Training curves of one metric, a line for each member. */
export const curves = (source: FigureSource, options: CurvesOptions): Figure =>
  new Figure(source, { views: [{ type: "curves", ...options }] });

/** The latent space of the member that is chosen. */
export const latentSpace = (source: FigureSource, latent: LatentPoints, options: LatentSpaceOptions = {}): Figure =>
  new Figure(source, { views: [{ type: "latent-space", ...options }], latent });

export { Figure, type FigureOptions } from "./figure.js";
export type { CurvesOptions, LatentSpaceOptions, PhaseDiagramOptions, ViewOptions } from "./payload.js";
export type { FigureSelection, SelectionListener } from "./selection.js";
export type { FigureSource, LatentPoints, SourceColumn, SourceCurves } from "./source.js";
