import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The part of a notebook that its entry in the index comes from. */
interface Notebook {
  cells: readonly { source: string | readonly string[] }[];
}

/**
 * Copies the curated notebooks to where the extension offers them, with `index.json` beside them: the file and the
 * title of each, in the order of their names.
 */
export function installExamples(notebooks: string, folder: string): void {
  const files = existsSync(notebooks) ? readdirSync(notebooks).filter((name) => name.endsWith(".ipynb")) : [];
  mkdirSync(folder, { recursive: true });
  for (const file of files) cpSync(join(notebooks, file), join(folder, file));
  const index = files.sort().map((file) => ({ file, title: titleOf(join(notebooks, file)) ?? file }));
  writeFileSync(join(folder, "index.json"), `${JSON.stringify(index, null, 2)}\n`);
}

/** The first heading of a notebook. */
function titleOf(path: string): string | undefined {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as Notebook;
  const texts = cells.map(({ source }) => (typeof source === "string" ? source : source.join("")));
  return texts.map((text) => /^# (.+)$/m.exec(text)?.[1]?.trim()).find((title) => title !== undefined);
}
