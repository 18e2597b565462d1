/** Cells that were run, in this and earlier sessions: a file of JSON lines in the user's state folder. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export interface HistoryEntry {
  session: number;
  line: number;
  input: string;
  output?: string;
}

/** A file longer than this is cut to its newest entries when a kernel starts. */
const MAX_ENTRIES = 10_000;
const MAX_OUTPUT = 1000;
/** Entries are written together after this time in milliseconds: a write for each cell would delay its reply. */
const WRITE_DELAY_MS = 100;

export class History {
  readonly session: number;
  readonly #path: string | undefined;
  readonly #entries: HistoryEntry[];
  #unwritten = "";

  /** @param path File to read and to append to; undefined keeps the history in memory. */
  constructor(path: string | undefined) {
    this.#path = path;
    this.#entries = path === undefined ? [] : readEntries(path);
    if (path !== undefined && this.#entries.length > MAX_ENTRIES) {
      this.#entries.splice(0, this.#entries.length - MAX_ENTRIES);
      rewrite(path, this.#entries);
    }
    this.session = 1 + this.#entries.reduce((latest, { session }) => Math.max(latest, session), 0);
  }

  add(line: number, input: string, output: string | undefined): void {
    const entry: HistoryEntry = { session: this.session, line, input };
    if (output !== undefined) entry.output = output.slice(0, MAX_OUTPUT);
    this.#entries.push(entry);
    if (this.#path === undefined) return;
    if (this.#unwritten === "") setTimeout(() => this.write(), WRITE_DELAY_MS).unref();
    this.#unwritten += `${JSON.stringify(entry)}\n`;
  }

  /** Writes what waits to be written; called also before the process ends. */
  write(): void {
    const text = this.#unwritten;
    this.#unwritten = "";
    if (this.#path === undefined || text === "") return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      appendFileSync(this.#path, text, { mode: 0o600 });
    } catch {
      // A home that cannot be written costs the history of later sessions, nothing else.
      return;
    }
  }

  /** The newest `count` entries. */
  tail(count: number): HistoryEntry[] {
    return count > 0 ? this.#entries.slice(-count) : [];
  }

  /** Lines `start` to before `stop` of a session: 0 is this one, negative numbers count back. */
  range(session: number, start: number, stop: number | undefined): HistoryEntry[] {
    const wanted = session > 0 ? session : this.session + session;
    return this.#entries.filter(
      (entry) => entry.session === wanted && entry.line >= start && (stop === undefined || entry.line < stop),
    );
  }

  /** The newest `count` entries whose input matches a glob pattern; with `unique`, the newest of each input. */
  search(pattern: string, unique: boolean, count: number | undefined): HistoryEntry[] {
    const expression = globExpression(pattern);
    const found = this.#entries.filter(({ input }) => expression.test(input));
    const newest = new Map(found.map((entry) => [entry.input, entry]));
    const distinct = unique ? found.filter((entry) => newest.get(entry.input) === entry) : found;
    return count === undefined ? distinct : distinct.slice(-count);
  }
}

/** Where the history is kept: `PHASEBOOK_HISTORY` names another file, or is empty to keep none. */
export function historyPath(environment: NodeJS.ProcessEnv): string | undefined {
  const { PHASEBOOK_HISTORY: own, XDG_STATE_HOME: state } = environment;
  if (own !== undefined) return own === "" ? undefined : own;
  return join(state ?? join(homedir(), ".local", "state"), "phasebook", "history.jsonl");
}

function readEntries(path: string): HistoryEntry[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => parseEntry(line) ?? []);
}

/** A line that another kernel was writing when it died is left out. */
function parseEntry(line: string): HistoryEntry | undefined {
  try {
    const entry = JSON.parse(line) as HistoryEntry;
    return typeof entry.session === "number" && typeof entry.line === "number" && typeof entry.input === "string"
      ? entry
      : undefined;
  } catch {
    return undefined;
  }
}

function rewrite(path: string, entries: readonly HistoryEntry[]): void {
  try {
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""), { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    return;
  }
}

/** `*` for any text, `?` for any character, `[…]` for one of a set. */
function globExpression(glob: string): RegExp {
  const source = glob.replace(/\[[^\]]+\]|[\\^$.|+(){}[\]]|\*|\?/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return part.length > 1 ? part.replace(/^\[!/, "[^") : `\\${part}`;
  });
  return new RegExp(`^${source}$`, "su");
}
