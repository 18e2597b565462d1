const M = 0x5bd1e995;
const encoder = new TextEncoder();

/**
 * MurmurHash2 (Austin Appleby, 32 bits) of a text's UTF-8, as an unsigned integer: by it JupyterLab's debugger names cells.
 */
export function murmur2(text: string, seed: number): number {
  const data = encoder.encode(text);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const tail = data.length & ~3;
  let hash = seed ^ data.length;
  for (let i = 0; i < tail; i += 4) {
    const word = Math.imul(view.getUint32(i, true), M);
    hash = Math.imul(hash, M) ^ Math.imul(word ^ (word >>> 24), M);
  }
  if (tail < data.length) {
    for (let i = data.length - 1; i >= tail; i--) hash ^= data[i]! << (8 * (i - tail));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return (hash ^ (hash >>> 15)) >>> 0;
}
