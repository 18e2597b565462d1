import { Figure, type FigureOptions } from "./figure.js";
import type {
  CurvesOptions,
  HistogramOptions,
  ImagesOptions,
  LatentSpaceOptions,
  PhaseDiagramOptions,
} from "./payload.js";
import type { LatentFunction } from "./latent-follower.js";
import type { FigureSource, ImageSet, LatentPoints } from "./source.js";

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
export const latentSpace = (
  source: FigureSource,
  latent: LatentPoints | LatentFunction,
  options: LatentSpaceOptions = {},
): Figure => new Figure(source, { views: [{ type: "latent-space", ...options }], latent });

/** How many members have which values, one column beside the other. */
export const histogram = (source: FigureSource, options: HistogramOptions): Figure =>
  new Figure(source, { views: [{ type: "histogram", ...options }] });

/** Pictures of the members, or of the points of their latent spaces, in a grid. */
export const images = (source: FigureSource, pictures: ImageSet, options: ImagesOptions = {}): Figure =>
  new Figure(source, { views: [{ type: "images", ...options }], images: pictures });

export { type ArrayDifference, figureDifference } from "./difference.js";
export { Figure, type FigureOptions } from "./figure.js";
export { fromTable, type FromTableOptions } from "./from-table.js";
export type { LatentFunction } from "./latent-follower.js";
export { type MeasurementOptions, measurements } from "./measurements.js";
export type {
  CurvesOptions,
  HistogramOptions,
  ImagesOptions,
  LatentSpaceOptions,
  PhaseDiagramOptions,
  ViewOptions,
} from "./payload.js";
export type { FigureSelection, SelectionListener } from "./selection.js";
export type { FigureSource, ImageSet, LatentPoints, SourceColumn, SourceCurves } from "./source.js";
