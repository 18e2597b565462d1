export { CpuEngine, type CpuEngineOptions } from "./cpu/cpu-engine.js";
export { AutomaticEngine } from "./automatic-engine.js";
export { engine, type EngineName, type EngineReport, engines } from "./choose.js";
export { type Engine, type LoadedProgram, type LoadOptions, MemoryError, type RunReport } from "./engine.js";
export { explain, Explanation } from "./explain.js";
export { ReferenceEngine } from "./reference-engine.js";
export { WebgpuEngine, type WebgpuEngineOptions } from "./webgpu/webgpu-engine.js";
export type { AdapterDescription } from "./webgpu/adapters.js";
export { DeviceLostError, DispatchTimeoutError, GpuError, NoGpuError, ShaderError } from "./webgpu/errors.js";
