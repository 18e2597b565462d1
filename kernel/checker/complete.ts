import type TypeScript from "typescript";
import { ts } from "../cell/typescript.js";
import type { CellModules } from "./cell-modules.js";
import type { CompletionItem, Completions } from "./messages.js";

/** What may stand at an offset of a cell: by TypeScript's knowledge, and the names of earlier cells. */
export function complete(
  modules: CellModules,
  service: TypeScript.LanguageService,
  source: string,
  offset: number,
): Completions {
  const start = offset - (/[\p{ID_Continue}$#]*$/u.exec(source.slice(0, offset))?.[0].length ?? 0);
  const end = offset + (/^[\p{ID_Continue}$]*/u.exec(source.slice(offset))?.[0].length ?? 0);
  const prefix = source.slice(start, offset);
  const module = modules.stage(source);
  const info = service.getCompletionsAtPosition(module.path, offset, { includeCompletionsWithInsertText: false });
  const range = stringRange(info, module);
  if (range !== undefined) {
    const typed = source.slice(range.start, offset);
    return { items: toItems(info?.entries ?? [], typed), ...range, member: false, path: undefined };
  }
  const member = info?.isMemberCompletion ?? /\.\s*$/.test(source.slice(0, start));
  const items = toItems(info?.entries ?? [], prefix);
  if (!member) addNames(items, modules.names, prefix);
  return {
    items,
    start,
    end: prefix === "" ? offset : end,
    member,
    path: member ? pathBefore(source, start) : undefined,
  };
}

/** In a string literal (a module's name, a key) the whole literal is replaced. */
function stringRange(
  info: TypeScript.CompletionInfo | undefined,
  { length }: { length: number },
): { start: number; end: number } | undefined {
  const span = info?.optionalReplacementSpan ?? info?.entries[0]?.replacementSpan;
  if (span === undefined || !info?.entries.every(({ kind }) => STRING_KINDS.has(kind))) return undefined;
  return { start: span.start, end: Math.min(span.start + span.length, length) };
}

const STRING_KINDS = new Set<string>(["string", "directory", "script", "external module name"]);

function toItems(entries: readonly TypeScript.CompletionEntry[], prefix: string): CompletionItem[] {
  const matching = entries.filter(({ name, kind }) => name.startsWith(prefix) && kind !== ts.ScriptElementKind.warning);
  return matching
    .sort((a, b) => (a.sortText < b.sortText ? -1 : a.sortText > b.sortText ? 1 : 0))
    .map(({ name, kind }) => ({ text: name, type: kind }));
}

function addNames(items: CompletionItem[], names: Iterable<string>, prefix: string): void {
  const known = new Set(items.map(({ text }) => text));
  for (const name of names)
    if (name.startsWith(prefix) && !known.has(name)) items.unshift({ text: name, type: "const" });
}

/** The expression before a dot, if evaluating it reads properties and does nothing else. */
function pathBefore(source: string, start: number): string | undefined {
  return /([\p{ID_Start}$_][\p{ID_Continue}$]*(?:\??\.[\p{ID_Start}$_][\p{ID_Continue}$]*|\[\d+\])*)\s*\??\.\s*$/u.exec(
    source.slice(0, start),
  )?.[1];
}
