/** Hooks of Node's module loader that follow the {@link ImportRules}, in a thread of their own: for Node before 22.15. */
import type { LoadHook, ResolveHook } from "node:module";
import type * as FileCompiler from "./file-compiler.js";
import { ImportRules, type ImportRulesOptions } from "./import-rules.js";

let compiler: typeof FileCompiler | undefined;
let rules: ImportRules | undefined;

export function initialize(options: ImportRulesOptions): void {
  rules = new ImportRules(options, () => compiler!);
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  // TypeScript is loaded with the first file that needs it, not with the first import.
  if (rules!.needsCompiler(specifier, context.parentURL)) compiler ??= await import("./file-compiler.js");
  const meaning = rules!.resolve(specifier, context.parentURL);
  if (meaning !== undefined && "url" in meaning) return { ...meaning, shortCircuit: true };
  return next(specifier, { ...context, ...meaning });
};

export const load: LoadHook = (url, context, next) => {
  const source = rules?.load(url);
  return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
};
