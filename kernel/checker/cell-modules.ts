/**
 * The cells as modules of a TypeScript program, one for each execution: the cell's own text, so that positions are
 * exact, and a tail that takes over the earlier names which the cell uses and exports its own.
 */
import { join } from "node:path";
import { parseCell } from "../cell/parse.js";
import { collectDeclarations, type DeclarationKind } from "./declarations.js";
import type { RecordedCell } from "./messages.js";

export interface CellModule {
  path: string;
  text: string;
  /** Length of the cell's own text; what comes after is the tail. */
  length: number;
}

interface Origin {
  path: string;
  kind: DeclarationKind;
}

export class CellModules {
  readonly #folder: string;
  readonly #modules = new Map<string, CellModule>();
  readonly #recorded = new Map<number, CellModule>();
  readonly #scope = new Map<string, Origin>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Names that earlier cells declared. */
  get names(): Iterable<string> {
    return this.#scope.keys();
  }

  text(path: string): string | undefined {
    return this.#modules.get(path)?.text;
  }

  /** Adds a cell that runs: later cells see its names. */
  record({ id, source }: RecordedCell): void {
    const { module, kinds } = this.#create(`cell-${id}`, source);
    this.#recorded.set(id, module);
    for (const [name, kind] of kinds) this.#scope.set(name, { path: module.path, kind });
  }

  /** The module of a recorded cell. */
  find(id: number): CellModule | undefined {
    return this.#recorded.get(id);
  }

  /** A cell that is being edited; it replaces the one before. */
  draft(source: string): CellModule {
    return this.#create("draft", source).module;
  }

  #create(name: string, source: string): { module: CellModule; kinds: Map<string, DeclarationKind> } {
    const { sourceFile, tsx } = parseCell(source);
    const { kinds, unexported, used } = collectDeclarations(sourceFile);
    const tail: string[] = [];
    for (const [known, { path, kind }] of this.#scope) {
      if (!used.has(known) || kinds.has(known)) continue;
      const specifier = JSON.stringify(path);
      tail.push(
        kind === "import"
          ? `import { ${known} } from ${specifier};`
          : `declare ${kind} ${known}: typeof import(${specifier}).${known};`,
      );
    }
    tail.push(`export { ${unexported.join(", ")} };`);
    const path = join(this.#folder, `.phasebook-${name}.${tsx ? "tsx" : "ts"}`);
    const module = { path, text: `${source}\n${tail.join("\n")}\n`, length: source.length };
    this.#modules.set(path, module);
    return { module, kinds };
  }
}
