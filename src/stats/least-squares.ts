import { Matrix, QrDecomposition } from "ml-matrix";

/** A fit of several quantities by the same regressors. */
export interface LeastSquares {
  /** One list for each response, one coefficient for each regressor. */
  readonly coefficients: readonly (readonly number[])[];
  /** Sum of squares that is left of each response. */
  readonly residuals: Float64Array;
  /** R² of each response: the share of the sum of squares about its mean that the fit explains. */
  readonly determination: Float64Array;
}

/**
 * Fits every response as a sum of the regressors times coefficients, by least squares with equal weights (Householder QR).
 *
 * Throws a RangeError where lengths differ, or where the regressors are linearly dependent.
 * @example
 * const x = [0, 1, 2, 3];
 * leastSquares([x.map(() => 1), x], [[1, 3, 5, 7]]).coefficients; // [[1, 2]]
 */
export function leastSquares(
  regressors: readonly ArrayLike<number>[],
  responses: readonly ArrayLike<number>[],
): LeastSquares {
  const length = regressors[0]?.length ?? 0;
  const odd = [...regressors, ...responses].find((column) => column.length !== length);
  if (odd || length < regressors.length || responses.length === 0) {
    throw new RangeError(
      `leastSquares takes regressors and responses of one length, at least the number of regressors; got ` +
        `${regressors.length} regressors and ${responses.length} responses of lengths ` +
        `${[...regressors, ...responses].map((column) => column.length).join(", ")}.`,
    );
  }
  const design = columns(regressors);
  const targets = columns(responses);
  const decomposition = new QrDecomposition(design);
  if (!decomposition.isFullRank()) throw new RangeError("leastSquares: the regressors are linearly dependent.");
  const coefficients = decomposition.solve(targets);
  const left = Matrix.sub(targets, design.mmul(coefficients));
  const residuals = Float64Array.from(responses, (_, k) => squares(left.getColumn(k)));
  return {
    coefficients: responses.map((_, k) => coefficients.getColumn(k)),
    residuals,
    determination: residuals.map((rest, k) => 1 - rest / squares(centered(targets.getColumn(k)))),
  };
}

const columns = (lists: readonly ArrayLike<number>[]): Matrix =>
  new Matrix(lists.map((list) => Array.from(list))).transpose();

const squares = (values: readonly number[]): number => values.reduce((sum, x) => sum + x * x, 0);

function centered(values: readonly number[]): number[] {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.map((x) => x - mean);
}
