export { checkerboardMetropolis, type CheckerboardOptions } from "./checkerboard.js";
export { ChainRun } from "./chain-run.js";
export { type DrawBatch } from "./draw-stream.js";
export { hmc, type HmcOptions, leapfrog, type PhasePoint } from "./hmc.js";
export { independenceChain } from "./independence.js";
export { metropolis, type MetropolisOptions } from "./metropolis.js";
export { type ChainDefinition, type Observables, sample, type SampleOptions } from "./sample.js";
export { type ChainState, type Transition, type TransitionKernel } from "./transition.js";
