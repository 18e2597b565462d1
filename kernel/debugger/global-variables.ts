/** The variables of all cells, looked at while nothing is paused. */
import type { Runtime } from "node:inspector";
import { CELL_OBJECT } from "../cell/cell-object.js";
import type { InspectorLink } from "../front/inspector-link.js";
import type { JsonObject } from "../wire/message.js";
import { DebugError, type Variable } from "./dap.js";
import { Variables } from "./variables.js";

const OBJECT_GROUP = "globals";
/** References from here on are to values of this list, those below to values of a pause. */
const FIRST_REFERENCE = 2 ** 30;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
/** `_`, `__`, `_7`: values of earlier cells. */
const EARLIER_RESULT = /^_+\d*$/;

export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

export class GlobalVariables {
  readonly #inspector: InspectorLink;
  readonly #variables: Variables;
  readonly #known: () => Promise<string[]>;

  /** @param known Names of the globals that are not cells'. */
  constructor(inspector: InspectorLink, known: () => Promise<string[]>) {
    this.#inspector = inspector;
    this.#variables = new Variables(inspector, FIRST_REFERENCE);
    this.#known = known;
  }

  /** All variables; references into those of the call before are no longer valid. */
  async list(): Promise<Variable[]> {
    this.#variables.clear();
    await this.#inspector.post("Runtime.releaseObjectGroup", { objectGroup: OBJECT_GROUP });
    const declared = await this.#inspector.post<Runtime.GlobalLexicalScopeNamesReturnType>(
      "Runtime.globalLexicalScopeNames",
    );
    const names = [...declared.names, ...(await this.#properties())].filter(isIdentifier);
    // In one object, because each question to the evaluator costs time. Those without a value yet throw.
    const copies = names.map((name) => `try { all[${JSON.stringify(name)}] = ${name} } catch {}`);
    const all = await this.#evaluate(
      `(() => { const all = { __proto__: null };\n${copies.join("\n")}\nreturn all })()`,
    );
    return all.objectId === undefined
      ? []
      : this.#variables.children(this.#variables.refer({ objectIds: [all.objectId] }));
  }

  /** Whether the reference is to a value of this list. */
  has(reference: number): boolean {
    return reference >= FIRST_REFERENCE;
  }

  children(reference: number): Promise<Variable[]> {
    return this.#variables.children(reference);
  }

  /** The representations of a variable's value, by MIME type. */
  async represent(name: string): Promise<JsonObject> {
    const bundle = await this.#evaluate(`${CELL_OBJECT}.represent(${name})`, {
      awaitPromise: true,
      returnByValue: true,
    });
    return bundle.value as JsonObject;
  }

  /** Declares a variable as a cell does. */
  async declare(name: string, expression: string): Promise<void> {
    await this.#evaluate(`let ${name} = ${expression}`, { replMode: true });
  }

  /** Properties that cells have put onto the global object. */
  async #properties(): Promise<string[]> {
    const known = new Set(await this.#known());
    const names = await this.#evaluate("Object.getOwnPropertyNames(globalThis)", { returnByValue: true });
    return (names.value as string[]).filter((name) => !known.has(name) && !EARLIER_RESULT.test(name));
  }

  async #evaluate(expression: string, options: Record<string, boolean> = {}): Promise<Runtime.RemoteObject> {
    const parameters = { expression, silent: true, objectGroup: OBJECT_GROUP, ...options };
    const reply = await this.#inspector.post<Runtime.EvaluateReturnType>("Runtime.evaluate", parameters);
    const failure = reply.exceptionDetails?.exception?.description ?? reply.exceptionDetails?.text;
    if (failure !== undefined) throw new DebugError(failure.split("\n", 1)[0]);
    return reply.result;
  }
}
