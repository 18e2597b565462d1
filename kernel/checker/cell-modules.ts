/**
 * The cells as modules of a TypeScript program, one for each execution: the cell's own text, so that positions are
 * exact, and a tail that takes over the earlier names which the cell uses and exports its own. The cell that is looked
 * at stands on a stage, a module whose path stays the same: with the same roots, TypeScript keeps its program.
 */
import { join } from "node:path";
import { parseCell } from "../cell/parse.js";
import { collectDeclarations, type DeclarationKind } from "./declarations.js";
import type { RecordedCell } from "./messages.js";

/** Text of a module that has none. */
const EMPTY = "export {};\n";

/** Where the cell stands that is looked at. */
export interface StagedCell {
  path: string;
  /** Length of the cell's own text; what comes after is the tail. */
  length: number;
}

interface Cell {
  /** Its own text and the tail. */
  text: string;
  tsx: boolean;
  kinds: ReadonlyMap<string, DeclarationKind>;
  /** Modules that it imports. */
  imported: readonly string[];
}

interface Origin {
  path: string;
  kind: DeclarationKind;
}

export class CellModules {
  readonly #folder: string;
  /** The stage, for cells without and with JSX. */
  readonly #stages: readonly [plain: string, jsx: string];
  /** A module that keeps what cells have imported in the program, so that it is read and parsed once. */
  readonly #keeper: string;
  readonly #texts = new Map<string, string>();
  readonly #versions = new Map<string, number>();
  readonly #recorded = new Map<number, Cell>();
  readonly #scope = new Map<string, Origin>();
  readonly #imported = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#stages = [this.#path("stage.ts"), this.#path("stage.tsx")];
    this.#keeper = this.#path("imports.ts");
    for (const path of this.roots) this.#write(path, EMPTY);
  }

  /** Paths of the modules from which all others are reached. */
  get roots(): string[] {
    return [...this.#stages, this.#keeper];
  }

  /** Names that earlier cells declared. */
  get names(): Iterable<string> {
    return this.#scope.keys();
  }

  text(path: string): string | undefined {
    return this.#texts.get(path);
  }

  /** Number of the text; undefined for files that are no cells. */
  version(path: string): number | undefined {
    return this.#versions.get(path);
  }

  /** Adds a cell that runs: later cells see its names. */
  record({ id, source }: RecordedCell): void {
    const cell = this.#read(source);
    const path = this.#path(`cell-${id}.${cell.tsx ? "tsx" : "ts"}`);
    this.#write(path, cell.text);
    this.#recorded.set(id, cell);
    for (const [name, kind] of cell.kinds) this.#scope.set(name, { path, kind });
    const known = this.#imported.size;
    for (const specifier of cell.imported) this.#imported.add(specifier);
    if (this.#imported.size > known)
      this.#write(this.#keeper, Array.from(this.#imported, (name) => `import ${JSON.stringify(name)};`).join("\n"));
  }

  /** Puts a cell on the stage: as it was recorded, or as one that is being edited and would run next. */
  stage(source: string, id?: number): StagedCell {
    const { text, tsx } = (id === undefined ? undefined : this.#recorded.get(id)) ?? this.#read(source);
    const [plain, jsx] = this.#stages;
    const path = tsx ? jsx : plain;
    this.#write(path, text);
    this.#write(tsx ? plain : jsx, EMPTY);
    return { path, length: source.length };
  }

  #read(source: string): Cell {
    const { sourceFile, tsx } = parseCell(source);
    const { kinds, unexported, used, imported } = collectDeclarations(sourceFile);
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
    return { text: `${source}\n${tail.join("\n")}\n`, tsx, kinds, imported };
  }

  #path(name: string): string {
    return join(this.#folder, `.phasebook-${name}`);
  }

  #write(path: string, text: string): void {
    if (this.#texts.get(path) === text) return;
    this.#texts.set(path, text);
    this.#versions.set(path, (this.#versions.get(path) ?? 0) + 1);
  }
}
