import { join } from "node:path";

/** What Jupyter reads from `kernel.json`. */
export interface Kernelspec {
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode: "message";
  metadata: { debugger: boolean };
}

/**
 * The kernelspec of an installed package.
 *
 * @param nodePath Absolute path of the Node that runs the kernel.
 * @param packageRoot Absolute path of the folder of the package phasebook.
 */
export function kernelspec(nodePath: string, packageRoot: string): Kernelspec {
  return {
    argv: [nodePath, "--no-warnings", join(packageRoot, "dist", "kernel", "main.js"), "{connection_file}"],
    display_name: "TypeScript (Phasebook)",
    language: "typescript",
    interrupt_mode: "message",
    metadata: { debugger: true },
  };
}
