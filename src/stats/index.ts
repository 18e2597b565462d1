export {
  type AutocorrelationTime,
  effectiveSampleSize,
  integratedAutocorrelationTime,
  splitRHat,
} from "./autocorrelation.js";
export { correlation, rankCorrelation, ranks } from "./correlation.js";
export { importanceSample, type ImportanceSample } from "./importance.js";
export { type Estimate, jackknife } from "./jackknife.js";
export { leastSquares, type LeastSquares } from "./least-squares.js";
export { mean, median, quantile, standardDeviation, standardError } from "./descriptive.js";
export { normalQuantile } from "./normal-quantile.js";
export { areaUnderROC } from "./roc.js";
export { uniformStream } from "./uniform-stream.js";
export { bulkEffectiveSampleSize, rankNormalizedRHat, tailEffectiveSampleSize } from "./rank-normalized.js";
export { principalComponents, type PrincipalComponents } from "./principal-components.js";
