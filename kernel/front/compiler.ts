import type { compileCell as CompileCell } from "../cell/compile.js";
import type { EmitOptions } from "../cell/transpile.js";
import type { CompiledCell } from "../link/messages.js";

/** The compiler of cells, and the tsconfig of their folder. */
interface Compiler {
  compileCell: typeof CompileCell;
  emit: EmitOptions;
}

/** A local file as the debugger needs it. */
export interface CompiledFile {
  javascript: string;
  /** The same text as a cell, in which V8 finds where it could pause. */
  cell: CompiledCell;
  /** Where the functions begin that exist before the module runs. */
  hoisted: [line: number, column: number][];
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

/** Compiles a local file of TypeScript or JavaScript, whose tsconfig is that of the folder. */
export async function compileFile(folder: string, path: string, text: string): Promise<CompiledFile> {
  const { compileCell, emit } = await loadCompiler(folder);
  const { compileModule, hoistedFunctions } = await import("../cell/compile-module.js");
  const isTypeScript = /\.[mc]?tsx?$/.test(path);
  return {
    javascript: isTypeScript ? compileModule(path, text, emit).javascript : text,
    cell: compileCell(path, text, { globals: new Set(), shadowed: new Set(), emit }),
    hoisted: hoistedFunctions(text),
  };
}
