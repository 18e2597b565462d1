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
export type { Program, ProgramInput } from "./program.js";
