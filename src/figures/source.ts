import type { ScaleKind, Progress } from "../protocol.js";

/** One hyperparameter or metric of all members, as a figure reads it. */
export interface SourceColumn {
  readonly name: string;
  /** What people call it; the name if absent. */
  readonly label?: string | undefined;
  readonly unit?: string | undefined;
  readonly role: "hyperparameter" | "metric";
  readonly scale: ScaleKind;
  /** One value per member, NaN where missing; for categories, indices into `categories`. May change in place. */
  readonly values: ArrayLike<number>;
  readonly categories?: readonly string[] | undefined;
}

/** Recorded training curves of one metric. */
export interface SourceCurves {
  /** Training steps at which values were recorded, shape `[points]`; NaN where not reached. */
  readonly steps: ArrayLike<number>;
  /** Values, shape `[members, points]` in row-major order; NaN where missing. */
  readonly values: ArrayLike<number>;
}

/**
 * What a figure needs of an ensemble, running or finished. Anything of this shape can be drawn; properties are read
 * afresh at every update, so they may be getters.
 */
export interface FigureSource {
  /** Figures of the same source share their selection. */
  readonly id: string;
  readonly members: number;
  readonly columns: readonly SourceColumn[];
  /** Indices into `MEMBER_STATES`, one per member. */
  readonly states: Uint8Array;
  readonly progress: Progress;
  /** Training curves of the metric `name`; undefined if none were recorded yet. */
  curve?(name: string): SourceCurves | undefined;
  /** Calls `listener` whenever anything changed; the answer ends that. */
  onChange?(listener: () => void): () => void;
}

/** Points of every member in its latent space. */
export interface LatentPoints {
  /** Coordinates, shape `[members, points, dimensions]` in row-major order; NaN for members that have none. */
  readonly points: ArrayLike<number>;
  /** Latent units: 2 when absent. */
  readonly dimensions?: 2 | 3;
  /** What colours the points: shape `[members, points]`, or `[points]` when all members share it. */
  readonly color?: ArrayLike<number> | undefined;
}

/** Pictures: jets, lattice configurations, digits. */
export interface ImageSet {
  /** Brightness in row-major order. */
  readonly pixels: ArrayLike<number>;
  /**
   * One picture per member: `[members, height, width]`. One per point of the latent spaces: `[points, height, width]`,
   * or `[members, points, height, width]` where members have their own.
   */
  readonly shape: readonly number[];
  readonly of: "members" | "points";
}

/** Latent spaces as they were at a step of the training. */
export interface LatentMoment {
  readonly step: number;
  readonly latent: LatentPoints;
  /** Of the points that there were, every so-many-th is kept. */
  readonly every: number;
}

/** What a figure shows beside its source. */
export interface FigureData {
  latent?: LatentPoints | undefined;
  /** How they were before, in the order of the steps. */
  moments?: readonly LatentMoment[];
  images?: ImageSet | undefined;
}
