export { CpuEngine, type CpuEngineOptions } from "./cpu/cpu-engine.js";
export { engine, type EngineName, engines } from "./choose.js";
export { type Engine, type LoadedProgram, type LoadOptions, MemoryError, type RunReport } from "./engine.js";
export { explain, Explanation } from "./explain.js";
export { ReferenceEngine } from "./reference-engine.js";
export { WebgpuEngine, type WebgpuEngineOptions } from "./webgpu/webgpu-engine.js";
