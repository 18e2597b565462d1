import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { NumericArray } from "../protocol.js";

/** Principal components of a cloud of points. */
export interface PrincipalComponents {
  /** Variance along each component, largest first; shape [dimension]. */
  readonly variances: Float64Array;
  /** Unit vectors, one row for each component; shape [dimension, dimension]. */
  readonly components: { readonly shape: readonly [number, number]; readonly data: Float64Array };
}

/**
 * Principal components of points of shape [count, dimension], from the eigenvalues of their covariance (divided by
 * count). A linear autoencoder with k latent units leaves a mean squared error of the sum of all but the first k.
 */
export function principalComponents({ shape: [count, dimension], data }: NumericArray): PrincipalComponents {
  if (count === undefined || dimension === undefined || count < 2) {
    throw new RangeError(
      `principalComponents takes points of shape [count ≥ 2, dimension], got [${count}, ${dimension}].`,
    );
  }
  const points = Matrix.from1DArray(count, dimension, Array.from(data));
  const centered = points.subRowVector(points.mean("column"));
  const covariance = centered.transpose().mmul(centered).div(count);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  return {
    variances: Float64Array.from(order, (i) => realEigenvalues[i]!),
    components: {
      shape: [dimension, dimension],
      data: Float64Array.from(order.flatMap((i) => eigenvectorMatrix.getColumn(i))),
    },
  };
}
