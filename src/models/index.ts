export { autoencoder, type Autoencoder, type AutoencoderOptions, type AutoencoderParameters } from "./autoencoder.js";
export {
  criticalWeightVariance,
  gaussianMean,
  kernelFixedPoint,
  kernelRecursion,
  perpendicularSusceptibility,
} from "./criticality.js";
export { type Activation, type DenseParameters, type Initialization, mlp, type Mlp } from "./mlp.js";
