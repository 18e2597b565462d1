/** More does not make the collector come any sooner. */
const HEAVIEST = 2 ** 26;

const weights = new WeakMap<object, ArrayBuffer>();

/**
 * Lets V8's collector know how much memory an object keeps. It counts plain array buffers but not WebAssembly's shared
 * memories, and does not look for what nobody has any more while only those grow. Nobody touches the weight's pages, so
 * that it takes none of the machine's memory itself.
 */
export function weigh(owner: object, bytes: number): void {
  try {
    weights.set(owner, new ArrayBuffer(Math.min(bytes, HEAVIEST)));
  } catch {
    // Where address space is that scarce, the collector comes anyway.
  }
}
