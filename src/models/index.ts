export { autoencoder, type Autoencoder, type AutoencoderParameters } from "./autoencoder.js";
export { type Activation, type DenseParameters, mlp, type Mlp } from "./mlp.js";
