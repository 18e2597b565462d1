/** Compiles a program that is never run, tells on stderr how many functions it has, and ends: `node compiled-only.js MS`. */
import { compileModule } from "../../src/engines/cpu/compile-module.js";
import { enableWasmFeatures } from "../../src/engines/cpu/wasm-features.js";
import { adamTraining } from "../compile/networks.js";

const FUNCTION_SECTION = 3;

function functionsOf(module: Uint8Array): number {
  let at = 8;
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (module[at++] !== FUNCTION_SECTION) {
    const length = unsigned();
    at += length;
  }
  unsigned();
  return unsigned();
}

const { program } = adamTraining({ widths: [2, 8, 1], batch: 16, data: "shared" });
const { compiled, module } = compileModule(program, enableWasmFeatures(false));
process.stderr.write(`${functionsOf(compiled.module)}`);
// V8 gives up what it has begun for a module that nobody has any more.
setTimeout(() => process.exit(Number(!module)), Number(process.argv[2]));
