import { CpuEngine } from "./cpu/cpu-engine.js";
import type { Engine } from "./engine.js";
import { ReferenceEngine } from "./reference-engine.js";

const ENGINES = {
  cpu: () => new CpuEngine(),
  reference: () => new ReferenceEngine(),
} as const;

export type EngineName = keyof typeof ENGINES;

const started = new Map<EngineName, Engine>();

/**
 * The engine of a name, started at the first call and kept for the life of the process. Without a name: the one that
 * the environment variable PHASEBOOK_ENGINE names, else the CPU.
 */
export function engine(name: string = process.env["PHASEBOOK_ENGINE"] || "cpu"): Engine {
  if (!isEngineName(name)) {
    throw new RangeError(`There is no engine "${name}". Engines: ${Object.keys(ENGINES).join(", ")}.`);
  }
  const running = started.get(name) ?? ENGINES[name]();
  started.set(name, running);
  return running;
}

/** Names and descriptions of all engines of this machine; the first is the one chosen automatically. */
export function engines(): { name: EngineName; precision: string; description: string }[] {
  return Object.keys(ENGINES).map((name) => {
    const { precision, description } = engine(name);
    return { name: name as EngineName, precision, description };
  });
}

function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(ENGINES, name);
}
