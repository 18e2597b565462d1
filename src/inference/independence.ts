/**
 * Metropolis' test of draws that were proposed independently, by a flow for example (arXiv:1904.12072): which draw the
 * chain is at after each proposal. The first draw is where it starts.
 *
 * @param logWeights ln p − ln q of each draw, up to a constant
 * @param uniforms a number from 0 to 1 for each draw
 * @example
 * independenceChain([0, 1, -50], [0.5, 0.5, 0.5]); // 0, 1, 1: the third draw is rejected
 */
export function independenceChain(logWeights: ArrayLike<number>, uniforms: ArrayLike<number>): Int32Array {
  if (logWeights.length !== uniforms.length) {
    throw new RangeError(`independenceChain: ${logWeights.length} draws and ${uniforms.length} uniform numbers.`);
  }
  let at = 0;
  return Int32Array.from({ length: logWeights.length }, (_, draw) => {
    if (uniforms[draw]! < Math.exp(logWeights[draw]! - logWeights[at]!)) at = draw;
    return at;
  });
}
