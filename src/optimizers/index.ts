export { adam, type AdamMoments, type AdamOptions, adamW, type AdamWOptions, scaleByAdam } from "./adam.js";
export { chain, descend, type Optimizer, type Rate, type Transformation } from "./optimizer.js";
export type { Rates } from "./rates.js";
export { constantRate, cosineDecay, exponentialDecay, linearDecay, stepDecay, warmup } from "./schedules.js";
export { sgd, type SgdOptions } from "./sgd.js";
export { clipByGlobalNorm, decayWeights, globalNorm, scaleByMomentum, scaleByRate } from "./transformations.js";
