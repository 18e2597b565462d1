/** Looks at values of the main thread from the control thread, also while the main thread computes, and changes nothing. */
import type { Runtime, Session } from "node:inspector";
import { describeObject } from "../link/remote-object.js";

const OBJECT_GROUP = "live";
const TIMEOUT_MS = 50;
const MAX_NAMES = 300;
const MAX_TEXT = 500;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Runs in the main thread, on the value. Arrays are left out: their indices are no names. */
const COLLECT_NAMES = `function (prefix, limit) {
  const names = [];
  for (let object = this; object !== null && names.length < limit; object = Object.getPrototypeOf(object)) {
    if (Array.isArray(object) || ArrayBuffer.isView(object)) continue;
    for (const name of Object.getOwnPropertyNames(object)) if (name.startsWith(prefix)) names.push(name);
  }
  return names.slice(0, limit);
}`;

export class LiveValues {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Names with the prefix: properties of the path's value, or variables of cells where there is no path. */
  async names(path: string | undefined, prefix: string): Promise<string[]> {
    const names = path === undefined ? await this.#variables() : await this.#properties(path, prefix);
    return [...new Set(names)].filter((name) => name.startsWith(prefix) && IDENTIFIER.test(name));
  }

  /** A short description of a path's value; undefined for functions, which their signature describes better. */
  async value(path: string): Promise<string | undefined> {
    const object = await this.#evaluate(path, true);
    this.#release();
    if (object === undefined || object.type === "undefined" || object.type === "function") return undefined;
    return describeObject(object).slice(0, MAX_TEXT);
  }

  async #variables(): Promise<string[]> {
    const reply = await this.#post<Runtime.GlobalLexicalScopeNamesReturnType>("Runtime.globalLexicalScopeNames", {});
    return (reply?.names ?? []).map((name) => name.replace(/\$cell$/, ""));
  }

  async #properties(path: string, prefix: string): Promise<string[]> {
    const object = await this.#evaluate(path, false);
    if (object?.objectId === undefined) return [];
    const reply = await this.#post<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
      objectId: object.objectId,
      functionDeclaration: COLLECT_NAMES,
      arguments: [{ value: prefix }, { value: MAX_NAMES }],
      returnByValue: true,
      throwOnSideEffect: true,
    });
    this.#release();
    return Array.isArray(reply?.result.value) ? (reply.result.value as string[]) : [];
  }

  async #evaluate(expression: string, generatePreview: boolean): Promise<Runtime.RemoteObject | undefined> {
    const parameters = {
      expression,
      generatePreview,
      throwOnSideEffect: true,
      timeout: TIMEOUT_MS,
      silent: true,
      objectGroup: OBJECT_GROUP,
    };
    const reply = await this.#post<Runtime.EvaluateReturnType>("Runtime.evaluate", parameters);
    return reply?.exceptionDetails === undefined ? reply?.result : undefined;
  }

  #release(): void {
    this.#session.post("Runtime.releaseObjectGroup", { objectGroup: OBJECT_GROUP });
  }

  #post<Result>(method: string, parameters: object): Promise<Result | undefined> {
    return new Promise((resolve) => {
      this.#session.post(method, parameters, (error, result) =>
        resolve(error === null ? (result as Result) : undefined),
      );
    });
  }
}
