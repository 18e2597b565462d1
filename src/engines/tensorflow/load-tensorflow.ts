import { createRequire } from "node:module";
import type { TensorFlow } from "./tensorflow-types.js";

/** TensorFlow.js is not installed, or cannot be loaded; the message says what to do. */
export class NoTensorflowError extends Error {
  override readonly name = "NoTensorflowError";
}

/** An installed TensorFlow.js. */
export interface FoundTensorflow {
  /** With a native TensorFlow, rather than its own code in JavaScript. */
  readonly isNative: boolean;
  /** For people. */
  readonly description: string;
  load(): TensorFlow;
}

/** Where `phasebook install-tensorflow` puts packages; then wherever this package finds its own. */
const PLACES = [new URL("../../../../tensorflow/package.json", import.meta.url), import.meta.url];

const NATIVE = "@tensorflow/tfjs-node";
/** Of N-API 8, which Node has had since version 16. */
const ADDON = `${NATIVE}/lib/napi-v8/tfjs_binding.node`;
const CORE = "@tensorflow/tfjs-core";
const CPU_BACKEND = "@tensorflow/tfjs-backend-cpu";

/** The TensorFlow.js that would be loaded: a native one if there is one, else its own code on the CPU. */
export function findTensorflow(places: readonly (string | URL)[] = PLACES): FoundTensorflow | undefined {
  const requires = places.map((place) => createRequire(place));
  const native = requires.find((require) => resolves(require, NATIVE) && resolves(require, ADDON));
  if (native) {
    const description = "TensorFlow.js on a native TensorFlow";
    return { isNative: true, description, load: () => loadNative(native) };
  }
  const plain = requires.find((require) => resolves(require, CORE) && resolves(require, CPU_BACKEND));
  const description = "TensorFlow.js on its own code, one thread";
  return plain && { isNative: false, description, load: () => loadPlain(plain) };
}

let loaded: TensorFlow | undefined;

/** Loads TensorFlow.js, once for the life of the process; throws a {@link NoTensorflowError} where there is none. */
export async function loadTensorflow(found: FoundTensorflow | null = findTensorflow() ?? null): Promise<TensorFlow> {
  if (loaded && found) return loaded;
  if (!found) throw new NoTensorflowError(`TensorFlow.js is not installed. ${REMEDY}`);
  try {
    const tf = found.load();
    if (!found.isNative) await tf.setBackend("cpu");
    return (loaded = tf);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    throw new NoTensorflowError(`${found.description} cannot be loaded: ${reason}. ${REMEDY}`);
  }
}

const REMEDY = "`npx phasebook install-tensorflow` installs it; with --javascript, without a native TensorFlow.";

function loadNative(require: NodeJS.Require): TensorFlow {
  // TensorFlow tells about the processor on stderr, which is for what cells write.
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  // Functions that tfjs-node 4.22 calls, and Node has no more since version 23.
  const util = require("node:util") as Record<string, unknown>;
  util["isArray"] ??= Array.isArray;
  util["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
  const tf = require(NATIVE) as TensorFlow;
  tf.enableProdMode();
  return tf;
}

function loadPlain(require: NodeJS.Require): TensorFlow {
  const tf = require(CORE) as TensorFlow;
  // Else it recommends another package on stderr.
  tf.enableProdMode();
  require(CPU_BACKEND);
  return tf;
}

function resolves(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
