export {
  Tensor,
  type TensorLike,
  constant,
  full,
  input,
  iota,
  type NestedNumbers,
  ones,
  scalar,
  zeros,
} from "./tensor.js";
export { type DType, DTypeError, type Shape, ShapeError, sizeOf } from "./shape.js";
export { grad, valueAndGrad, type ValueAndGradient } from "./derivative.js";
export { hessianVectorProduct, jvp, type ValueAndTangent } from "./forward-mode.js";
export { inverseErf, Key } from "./random.js";
export { scan, type ScanOptions, type ScanResult, type ScanStep } from "./scan.js";
export { fillTree, type Leaf, leavesOf, mapLeaves, mapTree, zipTrees } from "./tree.js";
export type { Program, ProgramInput } from "./program.js";
