import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inRoot } from "./paths.mjs";

/** Names of folders and files that are made from the others. */
const MADE = /^(node_modules|dist|lib|labextension|\.ipynb_checkpoints|__pycache__|.*\.tsbuildinfo)$/;

/** SHA-256 over the names and contents of the given files and folders, whose paths are relative to the root. */
export function fingerprint(paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap(filesUnder))
    hash
      .update(`${file}\0`)
      .update(readFileSync(inRoot(file)))
      .update("\0");
  return hash.digest("hex");
}

function filesUnder(path) {
  if (!existsSync(inRoot(path))) return [];
  if (!statSync(inRoot(path)).isDirectory()) return [path];
  return readdirSync(inRoot(path))
    .filter((name) => !MADE.test(name))
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

/** A file that remembers from which sources something was made. */
export function stamp(file) {
  return {
    matches: (value) => existsSync(file) && readFileSync(file, "utf8") === value,
    write: (value) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, value);
    },
  };
}
