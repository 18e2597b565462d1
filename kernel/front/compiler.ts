let compiler: Promise<typeof import("../cell/compile.js")> | undefined;

/** The compiler of cells, loaded once: not before the sockets are open, and before the first cell needs it. */
export function loadCompiler(): Promise<typeof import("../cell/compile.js")> {
  return (compiler ??= import("../cell/compile.js"));
}
