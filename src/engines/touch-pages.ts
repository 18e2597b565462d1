/** Bytes of the smallest pages of memory. */
const PAGE_BYTES = 4096;

/**
 * Has the system give a new array its memory now, while there is nothing else to do: else it does page by page when values are
 * written, which takes as long as to write them.
 */
export function touchPages(zeros: Float64Array | Float32Array | Int32Array | Uint32Array): void {
  const step = PAGE_BYTES / zeros.BYTES_PER_ELEMENT;
  for (let i = 0; i < zeros.length; i += step) zeros[i] = 0;
}
