export { adam, type AdamOptions } from "./adam.js";
export type { Optimizer, Rate } from "./optimizer.js";
export { constantRate, cosineDecay, warmup } from "./schedules.js";
export { sgd, type SgdOptions } from "./sgd.js";
