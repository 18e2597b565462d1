import { distinctValues, withUnit } from "../../views/index.js";
import type { ColumnTexts } from "../storage/column-text.js";
import type {
  Aggregate,
  Column,
  CurvesView,
  EncodedArray,
  FigureView,
  HistogramView,
  ImagesView,
  LatentFrame,
  LatentSpaceView,
  PhaseDiagramView,
} from "../protocol.js";
import { type ByteSink, type Packing, encodeArray } from "./encode.js";
import type { FigureData, FigureSource, ImageSet, LatentMoment, LatentPoints, SourceColumn } from "./source.js";

type AxisKind = "linear" | "log";

/** A diagram over two hyperparameters, coloured by a metric. */
export interface PhaseDiagramOptions {
  /** Names of hyperparameter columns. */
  x: string;
  y: string;
  /** Name of the column that colours the cells. */
  color: string;
  /** By default the colour column's own scale. */
  colorScale?: AxisKind;
  /** What the colours mean, such as "share of donuts"; by default the column's label and how cells sum it up. */
  colorLabel?: string;
  /** How a cell sums up its members, the seeds for example: the median by default. */
  aggregate?: Aggregate;
  /** For `aggregate: "share"`: members count from `min` to `max`, ends included. */
  share?: { min?: number; max?: number };
  /**
   * Hyperparameters held at one value each by a slider; with numbers, where sliders stand at first. By default all but
   * the axes, the facet and "seed".
   */
  slices?: readonly string[] | Readonly<Record<string, number>>;
  /** A small diagram for each value of this hyperparameter. */
  facet?: string;
  /** Draws lines between cells on either side of these values; for phases with names, between all of them. */
  boundaries?: readonly number[] | boolean;
  /** Places without a member: left empty, or coloured as the nearest one; by default what fits the set of members. */
  gaps?: "empty" | "nearest";
  title?: string;
}

/** Training curves of one metric, a line for each member. */
export interface CurvesOptions {
  /** Name of the metric. */
  metric: string;
  /** Both axes are logarithmic by default. */
  xScale?: AxisKind;
  yScale?: AxisKind;
  xLabel?: string;
  yLabel?: string;
  /** Name of the column that colours the lines; by default they have the colours of the figure's phase diagram. */
  color?: string;
  colorScale?: AxisKind;
  /** Name of a hyperparameter, the seed for example: a median and a band instead of lines that differ in it alone. */
  band?: string;
  title?: string;
}

/** How many members have which values, for one column or several beside each other. */
export interface HistogramOptions {
  columns: readonly string[];
  /** Bars at most: 20 by default. */
  bins?: number;
  title?: string;
}

/** Pictures of the members, or of the points of their latent spaces. */
export interface ImagesOptions {
  title?: string;
}

/** The latent space of the chosen member. */
export interface LatentSpaceOptions {
  /** Name of the quantity that colours the points. */
  colorLabel?: string;
  colorScale?: AxisKind;
  /** The colours are indices into these names. */
  colorCategories?: readonly string[];
  xLabel?: string;
  yLabel?: string;
  zLabel?: string;
  title?: string;
}

/** A view of a figure, before its arrays are there. */
export type ViewOptions =
  | ({ type: "phase-diagram" } & PhaseDiagramOptions)
  | ({ type: "curves" } & CurvesOptions)
  | ({ type: "latent-space" } & LatentSpaceOptions)
  | ({ type: "histogram" } & HistogramOptions)
  | ({ type: "images" } & ImagesOptions);

/** Names of arrays in a payload. */
const STATUS = "status";
const POINTS = "latent";
const POINT_COLORS = "latent-color";
const IMAGES = "images";
const columnArray = (name: string): string => `column:${name}`;
const stepsArray = (metric: string): string => `steps:${metric}`;
const frameArray = (name: string, index: number): string => `${name}@${index}`;
const curvesArray = (metric: string): string => `curves:${metric}`;

/** Metrics of more members than this are quantised. */
const EXACT_MEMBERS = 20_000;

/** What a snapshot in a notebook holds at most, so that the notebook stays small: points of all members, and values of all curves. */
export const SNAPSHOT_POINTS = 200_000;
const SNAPSHOT_CURVE_VALUES = 400_000;

/** What views need to know of a source before its numbers. */
type Columns = Pick<FigureSource, "columns">;

/** The columns of a source, with labels and units that a figure has of its own. */
export function labelledColumns({ columns }: Columns, texts: ColumnTexts): readonly SourceColumn[] {
  return columns.map((column) => ({ ...column, ...texts[column.name] }));
}

/** Everything of a payload but numbers: checks that views name columns that exist. */
export function describeViews(
  source: Columns,
  views: readonly ViewOptions[],
  { latent, moments = [], images }: FigureData = {},
  every = 1,
): FigureView[] {
  return views.map((view) => {
    switch (view.type) {
      case "phase-diagram":
        return phaseDiagramView(source, view);
      case "curves":
        return curvesView(source, view);
      case "latent-space":
        return {
          ...latentSpaceView(view, latent),
          ...(every > 1 && { every }),
          ...(moments.length > 0 && { frames: moments.map(latentFrame) }),
        };
      case "histogram":
        return histogramView(source, view);
      case "images":
        return imagesView(view, images);
    }
  });
}

function phaseDiagramView(source: Columns, options: PhaseDiagramOptions): PhaseDiagramView {
  const { x, y, color, colorScale, colorLabel, aggregate, share, facet, boundaries, gaps, title } = options;
  findColumn(source, x, "x of the phase diagram", "hyperparameter");
  findColumn(source, y, "y of the phase diagram", "hyperparameter");
  if (facet !== undefined) findColumn(source, facet, "facet of the phase diagram", "hyperparameter");
  if (aggregate === "share" && share?.min === undefined && share?.max === undefined) {
    throw new RangeError('A share counts members: say which, for example { aggregate: "share", share: { max: 0.1 } }.');
  }
  const { scale } = findColumn(source, color, "colour of the phase diagram");
  const slices = slicesOf(source, options);
  return {
    type: "phase-diagram",
    x,
    y,
    color,
    colorScale: colorScale ?? axisKind(scale),
    ...(colorLabel !== undefined && { colorLabel }),
    ...(aggregate && { aggregate }),
    ...(share && { share }),
    ...(slices.length > 0 && { slices }),
    ...(facet !== undefined && { facet }),
    ...(boundaries && { boundaries: boundaries === true ? [] : [...boundaries] }),
    ...(gaps && { gaps }),
    ...(title !== undefined && { title }),
  };
}

function histogramView(source: Columns, { columns, bins = 20, title }: HistogramOptions): HistogramView {
  // Cells run whatever their types.
  if (!isList<string>(columns) || columns.length === 0) {
    const names = source.columns.map(({ name }) => `"${name}"`).join(", ");
    throw new TypeError(`A histogram needs a list of columns, such as { columns: ["loss"] }; there are ${names}.`);
  }
  for (const name of columns) findColumn(source, name, "column of the histogram");
  return { type: "histogram", columns: [...columns], bins, ...(title !== undefined && { title }) };
}

const imagesView = ({ title }: ImagesOptions, images: ImageSet | undefined): ImagesView => ({
  type: "images",
  images: IMAGES,
  of: images?.of ?? "members",
  ...(title !== undefined && { title }),
});

const isList = <T>(value: readonly T[] | object): value is readonly T[] => Array.isArray(value);

/** Where the sliders of a phase diagram stand. */
function slicesOf(source: Columns, { x, y, facet, slices }: PhaseDiagramOptions): { column: string; index: number }[] {
  const free = (name: string) => ![x, y, facet, "seed"].includes(name);
  const others = source.columns.filter(({ role, name }) => role === "hyperparameter" && free(name));
  const starts: Readonly<Record<string, number>> = slices === undefined || isList(slices) ? {} : slices;
  const names = slices === undefined ? others.map(({ name }) => name) : isList(slices) ? slices : Object.keys(slices);
  return names.flatMap((name) => {
    const { values } = findColumn(source, name, "slice of the phase diagram", "hyperparameter");
    const distinct = distinctValues(values);
    if (distinct.length < 2) return [];
    const start = starts[name];
    const index = start === undefined ? 0 : distinct.indexOf(start);
    if (index === -1) {
      throw new RangeError(`No member has the value ${start} of "${name}"; its values are ${distinct.join(", ")}.`);
    }
    return [{ column: name, index }];
  });
}

function curvesView(source: Columns, options: CurvesOptions): CurvesView {
  const { metric, xScale = "log", yScale = "log", color, colorScale, band, title } = options;
  const column = source.columns.find((candidate) => candidate.name === metric);
  const label = column?.label ?? metric;
  const view: CurvesView = {
    type: "curves",
    x: stepsArray(metric),
    y: curvesArray(metric),
    xLabel: options.xLabel ?? "training step",
    yLabel: options.yLabel ?? withUnit(label, column?.unit),
    xScale,
    yScale,
  };
  if (title !== undefined) view.title = title;
  if (band !== undefined) view.band = findColumn(source, band, "band of the curves", "hyperparameter").name;
  if (color !== undefined) {
    view.color = color;
    view.colorScale = colorScale ?? axisKind(findColumn(source, color, "colour of the curves").scale);
  }
  return view;
}

function latentSpaceView(options: LatentSpaceOptions, latent: LatentPoints | undefined): LatentSpaceView {
  const {
    colorLabel,
    colorScale,
    colorCategories,
    xLabel = "first latent unit",
    yLabel = "second latent unit",
    zLabel,
    title,
  } = options;
  const view: LatentSpaceView = { type: "latent-space", points: POINTS, xLabel, yLabel };
  if (latent?.color) view.color = POINT_COLORS;
  if (colorLabel !== undefined) view.colorLabel = colorLabel;
  if (colorScale !== undefined) view.colorScale = colorScale;
  if (colorCategories !== undefined) view.colorCategories = [...colorCategories];
  if (zLabel !== undefined) view.zLabel = zLabel;
  if (title !== undefined) view.title = title;
  return view;
}

const latentFrame = ({ latent, step, every }: LatentMoment, index: number): LatentFrame => ({
  step,
  points: frameArray(POINTS, index),
  ...(latent.color && { color: frameArray(POINT_COLORS, index) }),
  ...(every > 1 && { every }),
});

const axisKind = (scale: SourceColumn["scale"]): AxisKind => (scale === "log" ? "log" : "linear");

function findColumn(source: Columns, name: string, what: string, role?: SourceColumn["role"]): SourceColumn {
  const candidates = source.columns.filter((column) => role === undefined || column.role === role);
  const column = candidates.find((candidate) => candidate.name === name);
  if (column) return column;
  const names = candidates.map((candidate) => `"${candidate.name}"`).join(", ");
  throw new RangeError(`The ${what} is "${name}", but the ensemble has no such ${role ?? "column"}. It has ${names}.`);
}

/** Columns as the payload describes them. */
export function describeColumns(source: Columns): Column[] {
  return source.columns.map(({ name, label, unit, role, scale, categories }) => ({
    name,
    label: label ?? name,
    ...(unit === undefined ? {} : { unit }),
    role,
    scale,
    array: columnArray(name),
    ...(categories === undefined ? {} : { categories: [...categories] }),
  }));
}

/** Encodes what changes while the ensemble trains: metrics, states and curves. */
export function encodeLive(
  source: FigureSource,
  views: readonly ViewOptions[],
  sink: ByteSink,
): Record<string, EncodedArray> {
  const { members } = source;
  const arrays: Record<string, EncodedArray> = {
    [STATUS]: encodeArray({ shape: [members], data: Uint8Array.from(source.states) }, "exact", sink),
  };
  for (const column of source.columns)
    if (column.role === "metric") arrays[columnArray(column.name)] = encodeColumn(source, column, sink);
  for (const view of views) if (view.type === "curves") Object.assign(arrays, encodeCurves(source, view, sink));
  return arrays;
}

/** Encodes what never changes: the hyperparameters. */
export function encodeHyperparameters(source: FigureSource, sink: ByteSink): Record<string, EncodedArray> {
  const columns = source.columns.filter((column) => column.role === "hyperparameter");
  return Object.fromEntries(columns.map((column) => [columnArray(column.name), encodeColumn(source, column, sink)]));
}

/** Columns are exact, because people read their values; metrics of very many members keep four digits. */
function encodeColumn({ members }: FigureSource, column: SourceColumn, sink: ByteSink): EncodedArray {
  const { name, values, role, scale } = column;
  if (values.length !== members) {
    throw new RangeError(`The column "${name}" has ${values.length} values for ${members} members.`);
  }
  const packing = role === "metric" && scale !== "category" && members > EXACT_MEMBERS ? axisKind(scale) : "exact";
  return encodeArray({ shape: [members], data: Float64Array.from(values) }, packing, sink);
}

function encodeCurves(source: FigureSource, view: CurvesOptions, sink: ByteSink): Record<string, EncodedArray> {
  const { steps, values } = source.curve?.(view.metric) ?? { steps: [], values: [] };
  if (values.length !== source.members * steps.length) {
    throw new RangeError(
      `The curves of "${view.metric}" have ${values.length} values for ${source.members} members and ${steps.length} steps.`,
    );
  }
  const packing: Packing = view.yScale === "linear" ? "linear" : "log";
  // The last step is always among those kept.
  const every = Math.max(1, Math.ceil(values.length / SNAPSHOT_CURVE_VALUES));
  const kept = Array.from(
    { length: Math.ceil(steps.length / every) },
    (_, i) => steps.length - 1 - i * every,
  ).reverse();
  const data = new Float32Array(source.members * kept.length);
  for (let member = 0; member < source.members; member++) {
    kept.forEach((at, i) => (data[member * kept.length + i] = values[member * steps.length + at] ?? NaN));
  }
  const x = Float64Array.from(kept, (at) => steps[at] ?? NaN);
  return {
    [stepsArray(view.metric)]: encodeArray({ shape: [kept.length], data: x }, "exact", sink),
    [curvesArray(view.metric)]: encodeArray({ shape: [source.members, kept.length], data }, packing, sink),
  };
}

/** Encodes the latent spaces; no points when there are none yet. */
export function encodeLatent(
  members: number,
  latent: LatentPoints | undefined,
  colors: Packing,
  sink: ByteSink,
  nameOf: (name: string) => string = (name) => name,
): Record<string, EncodedArray> {
  const count = latentPointCount(members, latent);
  const points = Float32Array.from(latent?.points ?? []);
  const arrays: Record<string, EncodedArray> = {
    [nameOf(POINTS)]: encodeArray({ shape: [members, count, latent?.dimensions ?? 2], data: points }, "linear", sink),
  };
  if (!latent?.color) return arrays;
  const shape = latent.color.length === count ? [count] : [members, count];
  arrays[nameOf(POINT_COLORS)] = encodeArray({ shape, data: Float32Array.from(latent.color) }, colors, sink);
  return arrays;
}

/** Encodes how the latent spaces were before. */
export const encodeMoments = (
  members: number,
  moments: readonly LatentMoment[],
  colors: Packing,
  sink: ByteSink,
): Record<string, EncodedArray> =>
  Object.assign(
    {},
    ...moments.map(({ latent }, index) =>
      encodeLatent(members, latent, colors, sink, (name) => frameArray(name, index)),
    ),
  ) as Record<string, EncodedArray>;

/** How the colours of points are packed; names of categories need exact numbers. */
export const colorPacking = ({ colorCategories, colorScale }: LatentSpaceOptions): Packing =>
  colorCategories ? "exact" : (colorScale ?? "linear");

/** Whether an array holds how things were at a step that depends on how fast the machine was. */
export const isMoment = (name: string): boolean => /^latent(-color)?@/.test(name);

/** Encodes pictures; none when there are none yet. */
export function encodeImages(
  members: number,
  images: ImageSet | undefined,
  sink: ByteSink,
): Record<string, EncodedArray> {
  const shape = images?.shape ?? [members, 0, 0];
  return { [IMAGES]: encodeArray({ shape, data: Float32Array.from(images?.pixels ?? []) }, "linear", sink) };
}

/** @throws {RangeError} when sizes do not fit the ensemble */
export function checkImages(members: number, { pixels, shape, of }: ImageSet): void {
  const perMember = of === "members" ? shape.length === 3 : shape.length === 4;
  const fits = (shape.length === 3 || (of === "points" && shape.length === 4)) && (!perMember || shape[0] === members);
  if (!fits || shape.reduce((product, size) => product * size, 1) !== pixels.length) {
    const wanted =
      of === "members" ? "[members, height, width]" : "[points, height, width] or [members, points, height, width]";
    throw new RangeError(
      `Images of ${of} have shape ${wanted} with ${members} members; got [${shape.join(", ")}] and ${pixels.length} numbers.`,
    );
  }
}

/** Every so-many-th point, from the first on; the stated number for a snapshot that may hold `limit` points. */
export function everyOf(members: number, latent: LatentPoints | undefined, limit: number): number {
  return Math.max(1, Math.ceil((members * latentPointCount(members, latent)) / limit));
}

/** The latent spaces with every so-many-th point only. */
export function thinned(members: number, latent: LatentPoints | undefined, every: number): LatentPoints | undefined {
  if (!latent || every === 1) return latent;
  const count = latentPointCount(members, latent);
  const pick = (values: ArrayLike<number>, rows: number, size: number) => {
    const kept = Math.ceil(count / every);
    return Float32Array.from({ length: rows * kept * size }, (_, i) => {
      const row = Math.floor(i / (kept * size));
      const point = Math.floor(i / size) % kept;
      return values[(row * count + point * every) * size + (i % size)] ?? NaN;
    });
  };
  const { points, color, dimensions = 2 } = latent;
  const colors = color && pick(color, color.length === count ? 1 : members, 1);
  return { points: pick(points, members, dimensions), dimensions, ...(colors && { color: colors }) };
}

/** Points of each member. */
export const latentPointCount = (members: number, latent: LatentPoints | undefined): number =>
  latent ? latent.points.length / ((latent.dimensions ?? 2) * members) : 0;

/** @throws {RangeError} when sizes do not fit the ensemble */
export function checkLatent(members: number, { points, color, dimensions = 2 }: LatentPoints): void {
  const count = points.length / (dimensions * members);
  if (!Number.isInteger(count)) {
    throw new RangeError(
      `Latent points have shape [members, n, ${dimensions}]; got ${points.length} numbers for ${members} members.`,
    );
  }
  if (color && color.length !== count && color.length !== members * count) {
    throw new RangeError(
      `Latent colours have shape [members, n] or [n] with ${members} members and n = ${count}; got ${color.length} numbers.`,
    );
  }
}
