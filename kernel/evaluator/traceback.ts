/** Stack traces in terms of cells, and errors as Jupyter shows them. */
import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { codeFrame } from "../link/code-frame.js";
import type { CompiledCell, ErrorReport } from "../link/messages.js";
import { originalPosition } from "../link/positions.js";

/** Cells whose positions are still known; a function of an older cell shows positions of the compiled script. */
const MAX_CELLS = 2000;
const STACK_TRACE_LIMIT = 30;
const KERNEL_FOLDER = new URL("..", import.meta.url).href;
const FILE_LOCATION = /(file:\/\/[^\s)]+):(\d+):(\d+)/g;
const CELL_LOCATION = /(Cell\[[^\]]*\]):(\d+):(\d+)/g;

const cells = new Map<string, CompiledCell>();

/** Makes positions in this cell known to stack traces. */
export function registerCell(cell: CompiledCell): void {
  cells.delete(cell.name);
  cells.set(cell.name, cell);
  if (cells.size > MAX_CELLS) for (const [oldest] of cells) return void cells.delete(oldest);
}

/** Makes `error.stack` tell positions of cells and of source files, and leave out the kernel and Node itself. */
export function installStackTraces(): void {
  Error.stackTraceLimit = STACK_TRACE_LIMIT;
  Error.prepareStackTrace = (error, callSites) => {
    const frames = callSites.slice(0, callSites.findLastIndex(isUserFrame) + 1).filter((site) => !isInternal(site));
    return [describe(error), ...frames.map((site) => `    at ${formatFrame(textOf(site))}`)].join("\n");
  };
}

/** V8's own text of a frame, which Node's types do not declare. */
function textOf(site: { toString(): string }): string {
  return site.toString();
}

function describe(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}

function fileOf(site: NodeJS.CallSite): string {
  return site.getScriptNameOrSourceURL() ?? "";
}

function isInternal(site: NodeJS.CallSite): boolean {
  const file = fileOf(site);
  return file.startsWith("node:") || file.startsWith(KERNEL_FOLDER) || file === "evalmachine.<anonymous>";
}

function isUserFrame(site: NodeJS.CallSite): boolean {
  return fileOf(site) !== "" && !isInternal(site);
}

function formatFrame(frame: string): string {
  return frame
    .replace(CELL_LOCATION, (_match, name: string, line: string, column: string) => {
      const [originalLine, originalColumn] = locateInCell(name, Number(line) - 1, Number(column) - 1);
      return `${name}:${originalLine + 1}:${originalColumn + 1}`;
    })
    .replace(/\$cell\b/g, "")
    .replace(FILE_LOCATION, (_match, url: string, line: string, column: string) =>
      locateInFile(url, Number(line), Number(column)),
    );
}

/** The position in the source of a module, as `path:line:column`; all from 1. */
function locateInFile(url: string, line: number, column: number): string {
  const origin = findSourceMap(url)?.findOrigin(line, column);
  const [originalLine, originalColumn] =
    origin !== undefined && "lineNumber" in origin ? [origin.lineNumber, origin.columnNumber] : [line, column];
  return `${fileURLToPath(url.replace(/\?.*$/, ""))}:${originalLine}:${originalColumn}`;
}

function locateInCell(name: string, line: number, column: number): [line: number, column: number] {
  const cell = cells.get(name);
  return cell === undefined ? [line, column] : originalPosition(cell.positions, line, column);
}

/** Where V8 says that an error was thrown, lines and columns from 0. */
export interface ScriptPosition {
  url: string;
  line: number;
  column: number;
}

/** @param position Where the script is wrong, for a syntax error, which has no frames. */
export function reportError(value: unknown, position?: ScriptPosition): ErrorReport {
  if (!(value instanceof Error)) {
    const evalue = inspect(value);
    return { ename: "Uncaught", evalue, traceback: [`${red("Uncaught")} ${evalue}`] };
  }
  // User code may have put anything there.
  const { name, message } = value as { name: unknown; message: unknown };
  const ename = typeof name === "string" ? name : "Error";
  const evalue = (typeof message === "string" ? message : inspect(message)).replace(/\$cell\b/g, "");
  const lines = inspectError(value)
    .replace(/\$cell\b/g, "")
    .split("\n");
  const [first = "", ...rest] = lines;
  // An error that crossed threads has lost its class, which inspect then tells.
  const header = first.replace(/^(\w+) \[\w+\]:/, "$1:");
  const isOfScript = value instanceof SyntaxError && !/\n\s+at /.test(value.stack ?? "");
  const syntax = isOfScript && position !== undefined ? syntaxLocation(position) : undefined;
  const frames = syntax === undefined ? rest.filter((line) => !isInternalLine(line)) : [`    at ${syntax}`];
  const traceback = [header.startsWith(ename) ? red(ename) + header.slice(ename.length) : header, ...frames];
  return { ename, evalue, traceback: [...traceback, ...frameOf(traceback.join("\n"))] };
}

/** Frames in text: errors of the module loader come from its own thread, with a stack that is already formatted. */
function isInternalLine(line: string): boolean {
  return /^\s+at /.test(line) && (/\(node:|at node:/.test(line) || line.includes(KERNEL_FOLDER));
}

/** The error with its stack, properties and causes. */
function inspectError(error: Error): string {
  const text = inspect(error);
  // Without frames, `inspect` puts the message in brackets.
  const bracketed = `[${error.stack}]`;
  return text.startsWith(bracketed) ? `${error.stack}${text.slice(bracketed.length)}` : text;
}

function syntaxLocation({ url: cell, line, column }: ScriptPosition): string {
  const [originalLine, originalColumn] = locateInCell(cell, line, column);
  return `${cell}:${originalLine + 1}:${originalColumn + 1}`;
}

/** The code around the first position in a cell that the text names. */
function frameOf(text: string): string[] {
  for (const [location, name = "", line, column] of text.matchAll(CELL_LOCATION)) {
    const cell = cells.get(name);
    if (cell !== undefined) return ["", location, ...codeFrame(cell.source, Number(line) - 1, Number(column) - 1)];
  }
  return [];
}

function red(text: string): string {
  return `\u001b[31m${text}\u001b[39m`;
}
