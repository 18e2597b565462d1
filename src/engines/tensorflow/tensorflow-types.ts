/** The part of TensorFlow.js that the engine uses (https://js.tensorflow.org/api/4.22.0/): the package is optional, and so are its types. */

export interface TfTensor {
  readonly shape: number[];
  readonly dtype: string;
  dataSync(): Float32Array | Int32Array | Uint8Array;
  clone(): TfTensor;
  dispose(): void;
}

export type TfType = "float32" | "int32" | "bool";
type Unary = (x: TfTensor) => TfTensor;
type Binary = (a: TfTensor, b: TfTensor) => TfTensor;

export interface TensorFlow {
  readonly version_core: string;
  getBackend(): string;
  setBackend(name: string): Promise<boolean>;
  /** Says nothing on the console any more. */
  enableProdMode(): void;
  /** Frees what a function makes but does not return. */
  tidy(compute: () => TfTensor): TfTensor;

  tensor(values: Float32Array | Int32Array, shape: readonly number[], dtype: TfType): TfTensor;
  cast(x: TfTensor, dtype: TfType): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  broadcastTo(x: TfTensor, shape: readonly number[]): TfTensor;
  transpose(x: TfTensor, permutation: readonly number[]): TfTensor;
  slice(x: TfTensor, begin: readonly number[], size: readonly number[]): TfTensor;
  stridedSlice(x: TfTensor, begin: readonly number[], end: readonly number[], strides: readonly number[]): TfTensor;
  pad(x: TfTensor, paddings: readonly (readonly [number, number])[]): TfTensor;
  concat(tensors: readonly TfTensor[], axis: number): TfTensor;
  stack(tensors: readonly TfTensor[], axis: number): TfTensor;
  gather(x: TfTensor, indices: TfTensor, axis?: number): TfTensor;
  scatterND(indices: TfTensor, updates: TfTensor, shape: readonly number[]): TfTensor;
  tensorScatterUpdate(x: TfTensor, indices: TfTensor, updates: TfTensor): TfTensor;
  clipByValue(x: TfTensor, low: number, high: number): TfTensor;
  where(condition: TfTensor, whenTrue: TfTensor, whenFalse: TfTensor): TfTensor;
  sum(x: TfTensor, axes: readonly number[]): TfTensor;
  max(x: TfTensor, axes: readonly number[]): TfTensor;
  matMul: Binary;

  add: Binary;
  sub: Binary;
  mul: Binary;
  div: Binary;
  atan2: Binary;
  less: Binary;
  lessEqual: Binary;
  maximum: Binary;
  equal: Binary;
  notEqual: Binary;
  neg: Unary;
  abs: Unary;
  sqrt: Unary;
  floor: Unary;
  exp: Unary;
  log: Unary;
  expm1: Unary;
  log1p: Unary;
  sigmoid: Unary;
  relu: Unary;
  sinh: Unary;
  cosh: Unary;
  tanh: Unary;
  sin: Unary;
  cos: Unary;
  erf: Unary;
}
