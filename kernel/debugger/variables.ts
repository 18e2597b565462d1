/** Values as the debugger shows them: variables with children that are fetched when they are looked at. */
import type { Runtime } from "node:inspector";
import type { InspectorLink } from "../front/inspector-link.js";
import { describeObject } from "../link/remote-object.js";
import { DebugError, type Variable } from "./dap.js";

/** Elements of an array that are shown at once; longer ones are shown in ranges of ranges of these. */
const PAGE = 100;
const MAX_PROPERTIES = 1000;
const MAX_TEXT = 500;
const SHOWN_INTERNALS = new Set(["[[Entries]]", "[[PromiseState]]", "[[PromiseResult]]", "[[PrimitiveValue]]"]);

/** Run in the evaluator, on the value: its sizes, and copies of a part of it that invoke no getter. */
const COUNT = `function () {
  const isList = Array.isArray(this) || (ArrayBuffer.isView(this) && !(this instanceof DataView));
  return isList ? [this.length, 0] : [0, Object.getOwnPropertyNames(this).length];
}`;
const SLICE = `function (start, end) {
  const part = { __proto__: null };
  for (let i = start; i < end; i++) if (i in this) part[i] = this[i];
  return part;
}`;
const FIRST_PROPERTIES = `function (limit) {
  const part = { __proto__: null };
  for (const name of Object.getOwnPropertyNames(this).slice(0, limit))
    Object.defineProperty(part, name, Object.getOwnPropertyDescriptor(this, name));
  return part;
}`;

/**
 * What a reference stands for: the properties of objects, of which the first that has a name counts, after the `this` of
 * a function; or a range of a list.
 */
type Target = { objectIds: string[]; self?: Runtime.RemoteObject } | { objectId: string; start: number; end: number };

export class Variables {
  readonly #inspector: InspectorLink;
  readonly #targets = new Map<number, Target>();
  #references: number;

  /** @param first The first of the numbers by which values are referred to. */
  constructor(inspector: InspectorLink, first = 1) {
    this.#inspector = inspector;
    this.#references = first;
  }

  /** Forgets all references: they are valid until the program goes on. */
  clear(): void {
    this.#targets.clear();
  }

  refer(target: Target): number {
    this.#targets.set(this.#references, target);
    return this.#references++;
  }

  async children(reference: number): Promise<Variable[]> {
    const target = this.#targets.get(reference);
    if (target === undefined) throw new DebugError(`The variables ${reference} are gone: the program has gone on.`);
    if ("start" in target) return this.#range(target);
    const { objectIds, self } = target;
    const all = (await Promise.all(objectIds.map((id) => this.#object(id)))).flat();
    const own =
      self === undefined || self.type === "undefined" ? [] : [this.describe("this", await this.#preview(self))];
    const names = new Set<string>();
    return [...own, ...all].filter(({ name }) => !names.has(name) && names.add(name));
  }

  /** A value as a variable. */
  describe(name: string, object: Runtime.RemoteObject): Variable {
    const { type, objectId } = object;
    const isOpen = objectId !== undefined && type !== "symbol";
    return {
      name,
      value: summarize(object),
      variablesReference: isOpen ? this.refer({ objectIds: [objectId] }) : 0,
    };
  }

  async #object(objectId: string): Promise<Variable[]> {
    const [elements = 0, properties = 0] = await this.#call<number[]>(objectId, COUNT, [], true);
    if (elements > PAGE) return this.#range({ objectId, start: 0, end: elements });
    if (properties <= MAX_PROPERTIES) return this.#properties(objectId);
    const part = await this.#call<Runtime.RemoteObject>(objectId, FIRST_PROPERTIES, [MAX_PROPERTIES]);
    const rest = `${properties - MAX_PROPERTIES} more properties`;
    return [...(await this.#properties(part.objectId ?? "")), { name: "…", value: rest, variablesReference: 0 }];
  }

  async #range({ objectId, start, end }: { objectId: string; start: number; end: number }): Promise<Variable[]> {
    let step = 1;
    while (end - start > step * PAGE) step *= PAGE;
    if (step === 1) {
      const part = await this.#call<Runtime.RemoteObject>(objectId, SLICE, [start, end]);
      return this.#properties(part.objectId ?? "");
    }
    const ranges: Variable[] = [];
    for (let from = start; from < end; from += step) {
      const to = Math.min(from + step, end);
      const variablesReference = this.refer({ objectId, start: from, end: to });
      ranges.push({ name: `[${from} … ${to - 1}]`, value: "", variablesReference });
    }
    return ranges;
  }

  async #properties(objectId: string): Promise<Variable[]> {
    const parameters = { objectId, ownProperties: true, generatePreview: true };
    const reply = await this.#inspector.post<Runtime.GetPropertiesReturnType & PrivateProperties>(
      "Runtime.getProperties",
      parameters,
    );
    const own = [...reply.result, ...(reply.privateProperties ?? [])].map(({ name, value, get }) => {
      const shown = name.replace(/\$cell$/, "");
      if (value !== undefined) return this.describe(shown, value);
      return { name: shown, value: get?.type === "function" ? "getter" : "undefined", variablesReference: 0 };
    });
    const internal = (reply.internalProperties ?? []).flatMap(({ name, value }) =>
      value !== undefined && SHOWN_INTERNALS.has(name) ? [this.describe(name, value)] : [],
    );
    return [...own, ...internal];
  }

  /** The same value, with what its description shows. */
  async #preview(object: Runtime.RemoteObject): Promise<Runtime.RemoteObject> {
    if (object.objectId === undefined) return object;
    const parameters = { objectId: object.objectId, functionDeclaration: "function () { return this }" };
    const reply = await this.#inspector.post<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
      ...parameters,
      silent: true,
      generatePreview: true,
    });
    return reply.result;
  }

  async #call<Result>(
    objectId: string,
    functionDeclaration: string,
    values: number[],
    byValue = false,
  ): Promise<Result> {
    const reply = await this.#inspector.post<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration,
      arguments: values.map((value) => ({ value })),
      silent: true,
      returnByValue: byValue,
    });
    if (reply.exceptionDetails !== undefined) throw new DebugError("The value cannot be looked into.");
    return (byValue ? reply.result.value : reply.result) as Result;
  }
}

interface PrivateProperties {
  privateProperties?: { name: string; value?: Runtime.RemoteObject; get?: Runtime.RemoteObject }[];
}

function summarize(object: Runtime.RemoteObject): string {
  const { type, description = "", preview } = object;
  const text =
    type === "function" ? description.replace(/\s*(=>|\{)[^]*$/, " $1 …") : describeObject({ ...object, preview });
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
