export { MemberArray, type MemberArrays } from "./evaluate.js";
export { type Distributions, latinHypercube, logUniform, type Quantile, sobol, uniform } from "./design.js";
export { grid, type Grid, linspace, logspace, pick, product, seeds, zip } from "./grid.js";
export { type MemberTable } from "./member-table.js";
export { table } from "arquero";
export { train, type TrainOptions } from "./train.js";
export { type MemberContext } from "./member-inputs.js";
export { type LossResult, type StepContext } from "./training-program.js";
export { type MemberColumn, TrainingRun } from "./training-run.js";
