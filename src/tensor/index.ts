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
export { type Complex, complex } from "./complex.js";
export { customGradient } from "./custom-gradient.js";
export { DerivativeError, grad, valueAndGrad, type ValueAndGradient } from "./derivative.js";
export { hessianVectorProduct, jvp, type ValueAndTangent } from "./forward-mode.js";
export {
  applyQ,
  cholesky,
  type HouseholderQR,
  householderQR,
  logAbsDeterminant,
  solve,
  solveTriangular,
} from "./linear-algebra.js";
export { inverseErf, Key } from "./random.js";
export { chunkedMap, whileLoop } from "./repetition.js";
export { scan, type ScanOptions, type ScanResult, type ScanStep } from "./scan.js";
export { vmap } from "./vmap.js";
export { fillTree, type Leaf, leavesOf, mapLeaves, mapTree, zipTrees } from "./tree.js";
export type { Program, ProgramInput } from "./program.js";
