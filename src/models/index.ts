export { autoencoder, type Autoencoder, type AutoencoderOptions, type AutoencoderParameters } from "./autoencoder.js";
export { type Activation, type DenseParameters, type Initialization, mlp, type Mlp } from "./mlp.js";
