export { type ColumnText, type ColumnTexts } from "../storage/column-text.js";
export {
  type DesignOptions,
  type Distributions,
  latinHypercube,
  logUniform,
  type Quantile,
  sobol,
  uniform,
} from "./design.js";
export { evaluate, type EvaluateOptions, MemberArray, type MemberArrays } from "./evaluate.js";
export { firstReached } from "./first-reached.js";
export { grid, type Grid, linspace, logspace, pick, product, seeds, zip } from "./grid.js";
export { type MemberColumn } from "./member-columns.js";
export { type MemberContext } from "./member-inputs.js";
export { type MemberTable } from "./member-table.js";
export { type MetricBatch } from "./metric-stream.js";
export { phaseDistance } from "./phase-distance.js";
export { type Label, refine, type RefineOptions } from "./refine.js";
export { type PhaseBoundary, Refinement } from "./refinement.js";
export { table } from "arquero";
export { train, type TrainOptions } from "./train.js";
export { type CheckpointOptions } from "./run-checkpoint.js";
export { type LossResult, type StepContext } from "./training-program.js";
export { TrainingRun } from "./training-run.js";
