import { type Key, ones, type Tensor, zeros } from "../tensor/index.js";
import { type DenseParameters, mlp } from "./mlp.js";

/** What a normalised row is multiplied by and what is added to it. */
export interface LayerNormParameters {
  /** [width]. */
  readonly scale: Tensor;
  /** [width]. */
  readonly shift: Tensor;
}

/** The attention's four maps from [width] to [width], the two layers behind it, and the normalisation in front of either. */
export interface TransformerLayerParameters {
  readonly query: readonly DenseParameters[];
  readonly key: readonly DenseParameters[];
  readonly value: readonly DenseParameters[];
  readonly output: readonly DenseParameters[];
  readonly feedForward: readonly DenseParameters[];
  readonly attentionNorm: LayerNormParameters;
  readonly feedForwardNorm: LayerNormParameters;
}

/** A layer that lets the tokens of a sequence read each other. */
export interface TransformerLayer {
  readonly width: number;
  readonly heads: number;
  init(key: Key): TransformerLayerParameters;
  /** Sequences of tokens, [batch, tokens, width], to the same shape. */
  apply(parameters: TransformerLayerParameters, x: Tensor): Tensor;
  /** How much each head lets a token (third axis) read of each token (last axis): shape [batch, heads, tokens, tokens], sums 1. */
  attention(parameters: TransformerLayerParameters, x: Tensor): Tensor;
}

export interface TransformerLayerOptions {
  /** Into how many equal parts of the width attention is split. */
  readonly heads: number;
  /** Units between the two dense layers. */
  readonly hidden: number;
}

/** Added to the variance of a row, as in PyTorch. */
const SMALLEST_VARIANCE = 1e-5;

/** Rows [rows, width] with mean 0 and variance 1, then scaled and shifted (arXiv:1607.06450). */
export function layerNorm({ scale, shift }: LayerNormParameters, x: Tensor): Tensor {
  const [rows] = x.shape;
  const centered = x.sub(x.mean(1).reshape([rows!, 1]));
  const variance = centered.square().mean(1).reshape([rows!, 1]);
  return centered.div(variance.add(SMALLEST_VARIANCE).sqrt()).mul(scale).add(shift);
}

/**
 * A layer of a transformer, without mask, positions and dropout: x + A(norm(x)) and then h + F(norm(h)). A is attention by several heads,
 * softmax(QKᵀ/√d) V (arXiv:1706.03762, section 3.2), F two dense layers with ReLU between them, and norms come first (arXiv:2002.04745).
 *
 * Throws a RangeError unless the heads divide the width.
 *
 * @param width numbers that each token consists of
 */
export function transformerLayer(width: number, { heads, hidden }: TransformerLayerOptions): TransformerLayer {
  const size = width / heads;
  if (!Number.isInteger(heads) || heads < 1 || !Number.isInteger(size) || size < 1)
    throw new RangeError(`transformerLayer takes a number of heads that divides the width, got ${heads} and ${width}.`);
  const projection = mlp([width, width], "linear");
  const network = mlp([width, hidden, width], "relu");
  const norm = (): LayerNormParameters => ({ scale: ones([width]), shift: zeros([width]) });

  /** Rows of all tokens, [batch · tokens, width], to those of each head, [batch, heads, tokens, width / heads]. */
  const split = (rows: Tensor, tokens: number) =>
    rows.reshape([rows.shape[0]! / tokens, tokens, heads, size]).transpose([0, 2, 1, 3]);
  const weights = (parameters: TransformerLayerParameters, rows: Tensor, tokens: number) => {
    const query = split(projection.apply(parameters.query, rows), tokens);
    const key = split(projection.apply(parameters.key, rows), tokens);
    return query.matmul(key.swapLastAxes()).div(Math.sqrt(size)).softmax();
  };
  const rowsOf = (x: Tensor) => {
    if (x.rank !== 3 || x.shape[2] !== width)
      throw new RangeError(`This layer takes the shape [batch, tokens, ${width}], got [${x.shape.join(", ")}].`);
    return x.reshape([x.shape[0]! * x.shape[1]!, width]);
  };
  return {
    width,
    heads,
    init: (key) => ({
      query: projection.init(key.fold(0)),
      key: projection.init(key.fold(1)),
      value: projection.init(key.fold(2)),
      output: projection.init(key.fold(3)),
      feedForward: network.init(key.fold(4)),
      attentionNorm: norm(),
      feedForwardNorm: norm(),
    }),
    apply(parameters, x) {
      const rows = rowsOf(x);
      const tokens = x.shape[1]!;
      const normal = layerNorm(parameters.attentionNorm, rows);
      const value = split(projection.apply(parameters.value, normal), tokens);
      const read = weights(parameters, normal, tokens).matmul(value).transpose([0, 2, 1, 3]).reshape(rows.shape);
      const attended = rows.add(projection.apply(parameters.output, read));
      const fed = network.apply(parameters.feedForward, layerNorm(parameters.feedForwardNorm, attended));
      return attended.add(fed).reshape(x.shape);
    },
    attention: (parameters, x) => weights(parameters, layerNorm(parameters.attentionNorm, rowsOf(x)), x.shape[1]!),
  };
}
