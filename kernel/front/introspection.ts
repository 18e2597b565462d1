/** `complete_request` and `inspect_request`, and the pager of `name?`. */
import type { Checker } from "../checker/client.js";
import type { CompletionItem } from "../checker/messages.js";
import type { JsonObject } from "../wire/message.js";
import { toCodePoints, toUtf16Offset } from "./code-points.js";
import { numberField, textField } from "./content.js";
import type { Evaluator } from "./evaluator.js";

export class Introspection {
  readonly #checker: Checker;
  readonly #evaluator: Evaluator;
  readonly #localPath: (path: string) => string;

  /** @param localPath Gives the name that a path such as `a.b` has in the evaluator. */
  constructor(checker: Checker, evaluator: Evaluator, localPath: (path: string) => string) {
    this.#localPath = localPath;
    this.#checker = checker;
    this.#evaluator = evaluator;
  }

  async complete(content: JsonObject): Promise<JsonObject> {
    const code = textField(content, "code");
    const offset = toUtf16Offset(code, numberField(content, "cursor_pos", Infinity));
    const { items, start, end, member, path } = await this.#checker.ask("complete", { source: code, offset });
    const prefix = code.slice(start, offset);
    const all =
      path === undefined && member
        ? items
        : this.#merge(items, await this.#evaluator.liveNames(path && this.#localPath(path), prefix));
    const [from, to] = [toCodePoints(code, start), toCodePoints(code, end)];
    const types = all.map(({ text, type }) => ({ text, type, start: from, end: to }));
    return {
      status: "ok",
      matches: all.map(({ text }) => text),
      cursor_start: from,
      cursor_end: to,
      metadata: { _jupyter_types_experimental: types },
    };
  }

  async inspect(content: JsonObject): Promise<JsonObject> {
    const code = textField(content, "code");
    const offset = toUtf16Offset(code, numberField(content, "cursor_pos", code.length));
    const data = await this.describe(code, offset);
    return { status: "ok", found: data !== undefined, data: data ?? {}, metadata: {} };
  }

  /** Documentation of what stands at an offset, and the value it has now. */
  async describe(code: string, offset: number): Promise<JsonObject | undefined> {
    const path = pathAt(code, offset);
    const [inspection, value] = await Promise.all([
      this.#checker.ask("inspect", { source: code, offset }),
      this.#evaluator.liveValue(path && this.#localPath(path)),
    ]);
    if (inspection === undefined && value === undefined) return undefined;
    const plain = [inspection?.plain, value === undefined ? undefined : `Value: ${value}`];
    const markdown = [inspection?.markdown, value === undefined ? undefined : `Value:\n\`\`\`\n${value}\n\`\`\``];
    return { "text/plain": plain.filter(Boolean).join("\n\n"), "text/markdown": markdown.filter(Boolean).join("\n\n") };
  }

  #merge(items: CompletionItem[], names: string[]): CompletionItem[] {
    const known = new Set(items.map(({ text }) => text));
    return [...items, ...names.filter((name) => !known.has(name)).map((text) => ({ text, type: "property" }))];
  }
}

/** The path `a.b.c` that ends with the name at the offset. */
function pathAt(code: string, offset: number): string | undefined {
  const end = offset + (/^[\p{ID_Continue}$]*/u.exec(code.slice(offset))?.[0].length ?? 0);
  return /(?:[\p{ID_Start}$_][\p{ID_Continue}$]*\.)*[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.exec(
    code.slice(0, end),
  )?.[0];
}
