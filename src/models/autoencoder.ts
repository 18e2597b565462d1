import type { Key, Tensor } from "../tensor/index.js";
import { type Activation, type DenseParameters, type Initialization, mlp } from "./mlp.js";

export interface AutoencoderParameters {
  readonly encoder: readonly DenseParameters[];
  readonly decoder: readonly DenseParameters[];
}

/** An encoder to the narrowest layer and a decoder back; latent and output layers are linear. */
export interface Autoencoder {
  readonly widths: readonly number[];
  /** Number of latent units. */
  readonly latent: number;
  init(key: Key): AutoencoderParameters;
  /** [batch, inputs] to [batch, latent]. */
  encode(parameters: AutoencoderParameters, x: Tensor): Tensor;
  /** [batch, latent] to [batch, outputs]. */
  decode(parameters: AutoencoderParameters, z: Tensor): Tensor;
  /** decode(encode(x)). */
  reconstruct(parameters: AutoencoderParameters, x: Tensor): Tensor;
}

export interface AutoencoderOptions extends Initialization {
  /** Index in `widths` of the latent layer; default: the middle one. */
  readonly bottleneck?: number;
}

/** An autoencoder of dense layers, for example [3, 64, 64, 2, 64, 64, 3]. */
export function autoencoder(
  widths: readonly number[],
  activation: Activation = "tanh",
  { bottleneck = (widths.length - 1) / 2, ...initialization }: AutoencoderOptions = {},
): Autoencoder {
  if (!Number.isInteger(bottleneck) || bottleneck < 1 || bottleneck > widths.length - 2) {
    throw new RangeError(
      `autoencoder: layer ${bottleneck} of widths [${widths.join(", ")}] is no bottleneck. ` +
        `Give an odd number of widths, or the index of the latent layer.`,
    );
  }
  const encoder = mlp(widths.slice(0, bottleneck + 1), activation, initialization);
  const decoder = mlp(widths.slice(bottleneck), activation, initialization);
  const encode: Autoencoder["encode"] = (parameters, x) => encoder.apply(parameters.encoder, x);
  const decode: Autoencoder["decode"] = (parameters, z) => decoder.apply(parameters.decoder, z);
  return {
    widths,
    latent: widths[bottleneck]!,
    init: (key) => ({ encoder: encoder.init(key.fold(0)), decoder: decoder.init(key.fold(1)) }),
    encode,
    decode,
    reconstruct: (parameters, x) => decode(parameters, encode(parameters, x)),
  };
}
