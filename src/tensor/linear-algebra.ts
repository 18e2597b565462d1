import { scan } from "./scan.js";
import { DTypeError, ShapeError, showShape } from "./shape.js";
import { iota, scalar, type Tensor } from "./tensor.js";

/** A matrix as the product of reflections and a triangle. */
export interface HouseholderQR {
  /** [n, m]: row k is the unit vector v of the reflection 1 − 2 v vᵀ; Q is the product of all, the first on the left. */
  readonly reflections: Tensor;
  /** [n, n], zero below the diagonal. */
  readonly r: Tensor;
}

/**
 * A = Q·R of a matrix [m, n] with m ≥ n by Householder's reflections (Golub and Van Loan, Matrix Computations, 5.2). Q is not
 * formed: {@link applyQ} applies it. Differentiable where the columns are independent. For many matrices: `vmap`.
 *
 * Throws {@link ShapeError} unless the argument is such a matrix.
 * @example
 * householderQR(constant([[3, 1], [4, 1]])).r.at(0).at(0); // -5
 */
export function householderQR(a: Tensor): HouseholderQR {
  const [m, n] = checkMatrix("householderQR", a);
  if (m < n) throw new ShapeError(`householderQR takes as many rows as columns, or more; got ${showShape(a.shape)}.`);
  const rows = iota([m]);
  const { carry, outputs } = scan(
    (rest: Tensor, _: undefined, k) => {
      const column = rows.less(k).select(0, columnOf(rest, k));
      const size = guardedNorm(column);
      const at = rows.equal(k);
      // Away from the vector's own sign, so that nothing cancels.
      const signed = at.select(column, 0).sum().less(0).select(size.neg(), size);
      const direction = column.add(at.select(signed, 0));
      const v = direction.div(positiveOrOne(guardedNorm(direction)));
      return { carry: reflected(rest, v), output: v };
    },
    a,
    undefined,
    { length: n },
  );
  return { reflections: outputs, r: upperTriangle(carry.slice([0, 0], [n, n])) };
}

/**
 * Q·x, or Qᵀ·x with `transposed`, for Q of {@link householderQR} as a square matrix [m, m] and x of shape [m, columns].
 *
 * Throws {@link ShapeError} where x does not fit.
 * @example
 * const a = constant([[3, 1], [4, 1]]);
 * const { reflections, r } = householderQR(a);
 * applyQ(reflections, r); // [[3, 1], [4, 1]]
 */
export function applyQ(reflections: Tensor, x: Tensor, { transposed = false } = {}): Tensor {
  const [, m] = checkMatrix("applyQ", reflections);
  const [rows] = checkMatrix("applyQ", x);
  if (rows !== m)
    throw new ShapeError(`applyQ: reflections ${showShape(reflections.shape)} take ${m} rows, got ${rows}.`);
  const step = (carry: Tensor, v: Tensor) => ({ carry: reflected(carry, v) });
  return scan(step, x, reflections, { reverse: !transposed }).carry;
}

/**
 * The lower triangle L with L·Lᵀ = A of a symmetric, positive definite matrix [n, n]; NaN where it is not positive definite.
 * Differentiable; for many matrices: `vmap`.
 *
 * Throws {@link ShapeError} unless the argument is a square matrix.
 * @example
 * cholesky(constant([[4, 2], [2, 5]])); // [[2, 0], [1, 2]]
 */
export function cholesky(a: Tensor): Tensor {
  const n = checkSquare("cholesky", a);
  const rows = iota([n]);
  const { outputs } = scan(
    (rest: Tensor, _: undefined, k) => {
      const pivot = rest.dynamicSlice([k, k], [1, 1]).reshape([]);
      const column = rows.less(k).select(0, columnOf(rest, k).div(pivot.sqrt()));
      return { carry: rest.sub(outer(column, column)), output: column };
    },
    a,
    undefined,
    { length: n },
  );
  return outputs.transpose();
}

/**
 * x with T·x = b for a triangular matrix T [n, n] and b of shape [n, columns]: by rows from the top (`lower`, the default),
 * or from the bottom.
 *
 * Throws {@link ShapeError} where the shapes do not fit.
 * @example
 * solveTriangular(constant([[2, 0], [1, 2]]), constant([[2], [5]])); // [[1], [2]]
 */
export function solveTriangular(t: Tensor, b: Tensor, { lower = true } = {}): Tensor {
  const n = checkSquare("solveTriangular", t);
  const [rows, columns] = checkMatrix("solveTriangular", b);
  if (rows !== n) throw new ShapeError(`solveTriangular: a matrix ${showShape(t.shape)} takes ${n} rows, got ${rows}.`);
  const { carry } = scan(
    (x: Tensor, [row, right]: readonly [Tensor, Tensor], k) => {
      const diagonal = row.dynamicSlice([k], [1]);
      const next = right.sub(row.reshape([1, n]).matmul(x).reshape([columns])).div(diagonal);
      return { carry: x.dynamicUpdate([k, 0], next.reshape([1, columns])) };
    },
    b.zerosLike(),
    [t, b] as const,
    { reverse: !lower },
  );
  return carry;
}

/**
 * x with A·x = b for a small matrix A [n, n] and b of shape [n, columns], by Householder's reflections; NaN or ∞ where A is
 * singular. Differentiable; for many systems: `vmap`.
 *
 * Throws {@link ShapeError} where the shapes do not fit.
 * @example
 * solve(constant([[0, 2], [1, 1]]), constant([[4], [3]])); // [[1], [2]]
 */
export function solve(a: Tensor, b: Tensor): Tensor {
  checkSquare("solve", a);
  const { reflections, r } = householderQR(a);
  return solveTriangular(r, applyQ(reflections, b, { transposed: true }), { lower: false });
}

/**
 * log |det A| of a square matrix; −∞ where it is singular.
 *
 * Throws {@link ShapeError} unless the argument is a square matrix.
 * @example
 * logAbsDeterminant(constant([[0, 2], [1, 1]])); // 0.6931471805599453
 */
export function logAbsDeterminant(a: Tensor): Tensor {
  const n = checkSquare("logAbsDeterminant", a);
  const { r } = householderQR(a);
  return diagonalMask(n).select(r, 0).sum(1).abs().log().sum();
}

const diagonalMask = (n: number): Tensor => iota([n, n], 0).equal(iota([n, n], 1));

const upperTriangle = (a: Tensor): Tensor => a.indices(1).less(a.indices(0)).select(0, a);

const columnOf = (a: Tensor, k: Tensor): Tensor => a.dynamicSlice([0, k], [a.shape[0]!, 1]).reshape([a.shape[0]!]);

const outer = (a: Tensor, b: Tensor): Tensor => a.reshape([a.size, 1]).mul(b.reshape([1, b.size]));

/** (1 − 2 v vᵀ)·x. */
const reflected = (x: Tensor, v: Tensor): Tensor =>
  x.sub(outer(v, v.reshape([1, v.size]).matmul(x).mul(2).reshape([x.shape[1]!])));

/** Euclidean norm, whose derivative at 0 is 0. */
function guardedNorm(x: Tensor): Tensor {
  const square = x.square().sum();
  const positive = square.greater(0);
  return positive.select(positive.select(square, 1).sqrt(), 0);
}

const positiveOrOne = (x: Tensor): Tensor => x.greater(0).select(x, scalar(1));

function checkMatrix(caller: string, { shape, dtype }: Tensor): readonly [rows: number, columns: number] {
  const [rows, columns] = shape;
  if (dtype !== "f32") throw new DTypeError(`${caller} takes f32, got ${dtype}. Convert with .cast("f32").`);
  if (rows !== undefined && columns !== undefined && shape.length === 2) return [rows, columns];
  throw new ShapeError(`${caller} takes a matrix, got the shape ${showShape(shape)}. For many matrices use vmap.`);
}

function checkSquare(caller: string, a: Tensor): number {
  const [rows, columns] = checkMatrix(caller, a);
  if (rows === columns) return rows;
  throw new ShapeError(`${caller} takes a square matrix, got the shape ${showShape(a.shape)}.`);
}
