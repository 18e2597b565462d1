import { setFlagsFromString } from "node:v8";

/** What code may be generated for this runtime. */
export interface WasmFeatures {
  /** Fused multiply-add. */
  readonly relaxed: boolean;
  /** V8 joins pairs of 128-bit vectors. */
  readonly revectorize: boolean;
}

/** A module with one function that uses f32x4.relaxed_madd. */
const RELAXED_PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2,
  253, 133, 2, 11,
]);

/** Turns on what this V8 has; in the deterministic mode nothing that rounds differently between machines. */
export function enableWasmFeatures(deterministic: boolean): WasmFeatures {
  const revectorize = Number(process.versions.v8.split(".")[0]) >= 13;
  if (revectorize) setFlagsFromString("--experimental-wasm-revectorize");
  // Of modules, V8 reads the sections that ask it to optimise early.
  setFlagsFromString("--experimental-wasm-compilation-hints");
  if (deterministic) return { relaxed: false, revectorize };
  if (!WebAssembly.validate(RELAXED_PROBE)) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return { relaxed: WebAssembly.validate(RELAXED_PROBE), revectorize };
}
