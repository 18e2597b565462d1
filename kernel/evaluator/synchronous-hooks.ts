/**
 * The same hooks in the thread that imports, where Node has them (22.15, 23.5 and later). Their answers cost no messages between
 * threads: of the library's several hundred files each needs two.
 */
import module, { createRequire, type LoadHookContext, type ResolveHookContext } from "node:module";
import type * as FileCompiler from "./file-compiler.js";
import { ImportRules, type ImportRulesOptions } from "./import-rules.js";
import { runUndisturbed } from "./interrupts.js";

interface Resolved {
  url: string;
  format?: string | null;
  shortCircuit?: boolean;
}

interface Loaded {
  format: string;
  source: unknown;
  shortCircuit?: boolean;
}

interface Hooks {
  resolve(
    specifier: string,
    context: ResolveHookContext,
    next: (specifier: string, context?: Partial<ResolveHookContext>) => Resolved,
  ): Resolved;
  load(
    url: string,
    context: LoadHookContext,
    next: (url: string, context?: Partial<LoadHookContext>) => Loaded,
  ): Loaded;
}

/** Missing in the types of Node 20. */
const { registerHooks } = module as { registerHooks?: (hooks: Hooks) => void };
const require = createRequire(import.meta.url);

/** Has imports follow the {@link ImportRules} from now on; false where Node has no such hooks. */
export function registerSynchronousHooks(options: ImportRulesOptions): boolean {
  if (registerHooks === undefined) return false;
  const rules = new ImportRules(options, () => require("./file-compiler.js") as typeof FileCompiler);
  registerHooks({
    resolve: (specifier, context, next) => {
      const { conditions, parentURL } = context;
      // CommonJS finds its modules by itself, the compiler among them.
      if (!conditions.includes("import")) return next(specifier, context);
      const meaning = runUndisturbed(() => rules.resolve(specifier, parentURL));
      if (meaning !== undefined && "url" in meaning) return { ...meaning, shortCircuit: true };
      return next(specifier, { ...context, ...meaning });
    },
    load: (url, context, next) => {
      const source = runUndisturbed(() => rules.load(url));
      return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
    },
  });
  return true;
}
