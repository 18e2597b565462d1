/**
 * What the kernel side and the browser side of Phasebook agree on: MIME type, comm target, figure payloads, live
 * messages, and the services that a notebook host (the kernel) offers to the library. Types and constants only;
 * this file imports nothing.
 */

/** MIME type of a figure's snapshot in a notebook output. */
export const FIGURE_MIME = "application/vnd.phasebook.v1+json";

/** Comm target that the kernel side registers and every renderer in the browser opens. */
export const FIGURE_COMM_TARGET = "phasebook";

/** Version of {@link FigurePayload}; a renderer refuses what it does not know. */
export const PAYLOAD_VERSION = 1;

/** Most live messages a second that one figure sends. */
export const MAX_UPDATES_PER_SECOND = 30;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

// ---------------------------------------------------------------------------------------------------------------
// Arrays

/** Element types that travel; multi-byte ones are little-endian. */
export type ArrayType = "uint8" | "uint16" | "int32" | "uint32" | "float32" | "float64";

/**
 * A typed array on the wire, in row-major order. The bytes are either `base64` (in a snapshot) or the comm message's
 * binary buffer number `buffer` (live). When `quantised` is present the elements are codes: the value is
 * `offset + scale * code`, or its exponential when `log` is set (so that small values keep their digits on logarithmic
 * axes), and the largest code of the type stands for a missing value (NaN).
 */
export interface EncodedArray {
  type: ArrayType;
  shape: readonly number[];
  base64?: string;
  buffer?: number;
  quantised?: { offset: number; scale: number; log?: boolean };
  /** The elements are codes for these values, exactly; the largest code of the type stands for a missing one. */
  lookup?: readonly number[];
}

/** An array in memory: what encoding starts from and decoding ends in. Missing values are NaN. */
export interface NumericArray {
  shape: readonly number[];
  data: Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
}

// ---------------------------------------------------------------------------------------------------------------
// Figures

export type ScaleKind = "linear" | "log" | "category";

/** One quantity known for every member: a hyperparameter or a metric. Values are in `arrays[array]`, shape `[members]`. */
export interface Column {
  name: string;
  label: string;
  unit?: string;
  role: "hyperparameter" | "metric";
  scale: ScaleKind;
  array: string;
  /** For `scale: "category"`: the values of `array` are indices into these names. */
  categories?: string[];
}

/** State of a member; the values of the payload's `status` array, shape `[members]`, are indices into this list. */
export const MEMBER_STATES = ["waiting", "running", "finished", "diverged", "stopped", "failed"] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

/** A grid over two hyperparameters, one cell per (x, y), coloured by a column. */
export interface PhaseDiagramView {
  type: "phase-diagram";
  /** Names of hyperparameter columns. */
  x: string;
  y: string;
  /** Name of the column that colours the cells: continuous, or categorical for named phases. */
  color: string;
  /** Scale of the colour axis when the column is continuous. */
  colorScale: "linear" | "log";
  /** What the colours mean; the column's label and how cells sum it up when absent. */
  colorLabel?: string;
  /** How a cell sums up its members; the median when absent. Spread: their standard deviation. */
  aggregate?: Aggregate;
  /** For the share: which members count, by their value (of categories, its index), ends included. */
  share?: { min?: number; max?: number };
  /** Hyperparameters held at one value each: `index` among their distinct values in ascending order. */
  slices?: { column: string; index: number }[];
  /** Name of a hyperparameter: a small diagram for each of its values. */
  facet?: string;
  /** Lines between cells on either side of these values; between different categories whatever it holds. */
  boundaries?: number[];
  /** Places of the grid without a member stay empty, or show the nearest cell; by default what fits the set. */
  gaps?: "empty" | "nearest";
  title?: string;
}

/** How a cell of a phase diagram sums up its members. */
export type Aggregate = "mean" | "median" | "share" | "spread";

/** One line per member against training steps. */
export interface CurvesView {
  type: "curves";
  /** Name of the array with the abscissae, shape `[points]`; NaN marks points not yet reached. */
  x: string;
  /** Name of the array with the ordinates, shape `[members, points]`; NaN marks points not yet reached. */
  y: string;
  xLabel: string;
  yLabel: string;
  xScale: "linear" | "log";
  yScale: "linear" | "log";
  /** Name of the column that colours the lines; without it they take the colours of the figure's phase diagram. */
  color?: string;
  colorScale?: "linear" | "log";
  /** Name of a hyperparameter, the seed for example: members that differ in it alone become one median and a band. */
  band?: string;
  title?: string;
}

/** A cloud of points in two or three dimensions for each member: its latent space. */
export interface LatentSpaceView {
  type: "latent-space";
  /** Name of the array with the coordinates, shape `[members, points, 2]` or `[members, points, 3]`. */
  points: string;
  /** Name of the array that colours the points, shape `[members, points]` or, shared by all members, `[points]`. */
  color?: string;
  colorLabel?: string;
  colorScale?: "linear" | "log";
  /** The colours are indices into these names. */
  colorCategories?: string[];
  xLabel: string;
  yLabel: string;
  zLabel?: string;
  /** The arrays hold every so-many-th point only: row r is the point `every · r`. */
  every?: number;
  /** How it was earlier in the training, in the order of the steps. */
  frames?: LatentFrame[];
  /** The one of `frames` that is shown; absent: how it is now. */
  frame?: number;
  title?: string;
}

/** Latent spaces as they were at a step of the training; arrays as in {@link LatentSpaceView}. */
export interface LatentFrame {
  step: number;
  points: string;
  color?: string;
  every?: number;
}

/** How many members have which values: a histogram for each column. */
export interface HistogramView {
  type: "histogram";
  /** Names of columns. */
  columns: string[];
  /** Number of bars at most; a column with few values has one for each. */
  bins: number;
  title?: string;
}

/** A grid of small pictures: jets, lattice configurations, digits. */
export interface ImagesView {
  type: "images";
  /**
   * Name of the array with brightness: one picture per member, shape `[members, height, width]`; or one per point of
   * the latent space, `[points, height, width]`, or `[members, points, height, width]` where members have their own.
   */
  images: string;
  of: "members" | "points";
  title?: string;
}

export type FigureView = PhaseDiagramView | CurvesView | LatentSpaceView | HistogramView | ImagesView;

/** How far a training is. `throughput` is member-steps a second. */
export interface Progress {
  state: "waiting" | "running" | "finished" | "stopped" | "failed";
  step: number;
  steps: number;
  elapsedSeconds: number;
  throughput?: number;
  /** A sentence for people: why it stopped, how many members diverged. */
  message?: string;
}

/** What is chosen of an ensemble. */
export interface Selection {
  /** In the order of choosing; the last is the one shown in detail. */
  members: number[];
  /** Samples, as indices along the points of the latent spaces: the same ones in every member's. Absent: none. */
  points?: number[];
}

/**
 * A figure: views over one ensemble's members. All numbers are in `arrays`, to which views and columns refer by name,
 * so a live update replaces arrays and nothing else. Figures with the same `ensemble` share their selection.
 */
export interface FigurePayload {
  version: typeof PAYLOAD_VERSION;
  /** Identity of the figure; the renderer opens its comm with it. */
  figure: string;
  /** Identity of the ensemble that is shown. */
  ensemble: string;
  title?: string;
  members: number;
  columns: Column[];
  /** Name of the array with member states (indices into {@link MEMBER_STATES}), shape `[members]`. */
  status: string;
  views: FigureView[];
  progress: Progress;
  selection: Selection;
  arrays: Record<string, EncodedArray>;
}

// ---------------------------------------------------------------------------------------------------------------
// Live messages, over a comm with target FIGURE_COMM_TARGET

/** Data of the `comm_open` that a renderer sends. */
export interface OpenFigure {
  figure: string;
}

/** From the kernel side to the renderer. Arrays of these messages are in binary buffers. */
export type ToRenderer =
  /** The whole state; the first message after `comm_open`. */
  | { type: "snapshot"; payload: FigurePayload }
  /** Arrays to replace, and the progress. */
  | { type: "update"; arrays: Record<string, EncodedArray>; progress: Progress }
  | { type: "select"; selection: Selection }
  /** The kernel does not know the figure (it was restarted): the renderer keeps the snapshot it has. */
  | { type: "unknown-figure"; figure: string };

/** From the renderer to the kernel side. */
export type FromRenderer =
  | { type: "select"; selection: Selection }
  /** The last snapshot or update is on the screen; the next one is sent only then, so a slow or hidden page is never flooded. */
  | { type: "drawn" };

// ---------------------------------------------------------------------------------------------------------------
// The notebook host: what a kernel offers to libraries in its evaluator, at globalThis[NOTEBOOK_HOST]

/** Key of the host object on `globalThis`. Libraries work without it (scripts, tests): then nothing is displayed. */
export const NOTEBOOK_HOST = Symbol.for("phasebook.host");

/**
 * Deno's convention: an object with this method chooses its own representations. An empty bundle means that the object
 * has displayed itself already (under a display id of its own): nothing more is shown.
 */
export const DISPLAY_METHOD = Symbol.for("Jupyter.display");

/** Representations of one output by MIME type; JSON types hold JSON values, all others strings. */
export type MimeBundle = Record<string, Json>;

export interface DisplayOptions {
  metadata?: Record<string, Json>;
  /** Identity under which later calls with `update` replace the output. */
  displayId?: string;
  update?: boolean;
}

/** One end of a comm. Buffers are copied on the way. */
export interface Comm {
  readonly id: string;
  send(data: Json, buffers?: Uint8Array[]): void;
  close(data?: Json): void;
  onMessage: ((data: Json, buffers: Uint8Array[]) => void) | undefined;
  onClose: ((data: Json) => void) | undefined;
}

export interface NotebookHost {
  /** Sends `display_data` (or `update_display_data`) as output of the cell whose code, timers or promises are running. */
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  /** Accepts comms that the front end opens for `target`; a second call for the same target replaces the handler. */
  registerCommTarget(target: string, onOpen: (comm: Comm, data: Json, buffers: Uint8Array[]) => void): void;
  /** Opens a comm to the front end; some targets want `metadata` with the message that opens it. */
  openComm(target: string, data: Json, buffers?: Uint8Array[], metadata?: Record<string, Json>): Comm;
  /** Aborted when the user interrupts the cell that is running now; a new one for every execution. */
  readonly interruptSignal: AbortSignal;
  /** Folder of the notebook, the working directory of its cells. */
  readonly notebookFolder: string;
}

// ---------------------------------------------------------------------------------------------------------------
// Claims

/** MIME type of a notebook output that holds claims with their verdicts, as {@link ClaimRecord}s. */
export const CLAIMS_MIME = "application/vnd.phasebook.claims.v1+json";

/** Where an expected value comes from: a theorem or exact computation, a publication, an independent computation; `open` has none. */
export type ClaimKind = "exact" | "published" | "computed" | "open";

/** `measured`: an open question, answered by a number and its error. */
export type Verdict = "agrees" | "disagrees" | "inconclusive" | "measured";

/** A claim and what came of it, as data. Numbers that are not finite are null. */
export interface ClaimRecord {
  id: string;
  statement: string;
  kind: ClaimKind;
  source: string;
  measured: { values: (number | null)[]; error: number | null };
  /** A number is an interval of no width; null is an open end. Absent for open claims. */
  expected?: { min: number | null; max: number | null };
  /** How far outside the interval a value may lie, absolute. */
  tolerance: number;
  unit?: string;
  verdict: Verdict;
  /** Why, where that is not plain. */
  note?: string;
}
