import type { compileCell as CompileCell } from "../cell/compile.js";
import type { EmitOptions } from "../cell/transpile.js";

/** The compiler of cells, and the tsconfig of their folder. */
interface Compiler {
  compileCell: typeof CompileCell;
  emit: EmitOptions;
}

let compiler: Promise<Compiler> | undefined;

/** Loaded once: not before the sockets are open, because it takes time, and before the first cell needs it. */
export function loadCompiler(folder: string): Promise<Compiler> {
  return (compiler ??= load(folder));
}

async function load(folder: string): Promise<Compiler> {
  const [{ compileCell }, { emitOptions, readTsconfig }] = await Promise.all([
    import("../cell/compile.js"),
    import("../cell/tsconfig.js"),
  ]);
  return { compileCell, emit: emitOptions(readTsconfig(folder)) };
}
