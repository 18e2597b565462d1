export { autoencoder, type Autoencoder, type AutoencoderOptions, type AutoencoderParameters } from "./autoencoder.js";
export {
  couplingFlow,
  type CouplingFlow,
  type CouplingFlowOptions,
  type CouplingParameters,
  type FlowResult,
} from "./coupling-flow.js";
export {
  criticalWeightVariance,
  gaussianMean,
  kernelFixedPoint,
  kernelRecursion,
  perpendicularSusceptibility,
  type Variances,
} from "./criticality.js";
export { type Activation, type DenseParameters, type Initialization, mlp, type Mlp } from "./mlp.js";
export { tangentKernel, type TangentKernelOptions } from "./tangent-kernel.js";
export {
  layerNorm,
  type LayerNormParameters,
  transformerLayer,
  type TransformerLayer,
  type TransformerLayerOptions,
  type TransformerLayerParameters,
} from "./transformer-layer.js";
