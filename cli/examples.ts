import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The part of a notebook that its entry in the index comes from. */
interface Notebook {
  cells: readonly { source: string | readonly string[] }[];
}

/**
 * Copies the curated notebooks and their data to where the extension offers them, with `index.json` beside them: the file,
 * the title and the data of each, in the order of their names.
 */
export function installExamples(notebooks: string, folder: string): void {
  const files = existsSync(notebooks) ? readdirSync(notebooks).filter((name) => name.endsWith(".ipynb")) : [];
  mkdirSync(folder, { recursive: true });
  for (const file of files) cpSync(join(notebooks, file), join(folder, file));
  const data = existsSync(join(notebooks, "data")) ? readdirSync(join(notebooks, "data")) : [];
  for (const file of data) cpSync(join(notebooks, "data", file), join(folder, "data", file));
  const index = files.sort().map((file) => {
    const texts = cellsOf(join(notebooks, file));
    const used = data.filter((name) => texts.some((text) => text.includes(`data/${name}"`)));
    return { file, title: titleOf(texts) ?? file, data: used };
  });
  writeFileSync(join(folder, "index.json"), `${JSON.stringify(index, null, 2)}\n`);
}

function cellsOf(path: string): string[] {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as Notebook;
  return cells.map(({ source }) => (typeof source === "string" ? source : source.join("")));
}

/** The first heading of a notebook. */
const titleOf = (texts: readonly string[]): string | undefined =>
  texts.map((text) => /^# (.+)$/m.exec(text)?.[1]?.trim()).find((title) => title !== undefined);
