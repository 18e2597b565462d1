import { inspect, type InspectOptions } from "node:util";

/** Symbols under which Node keeps a promise's asynchronous context, in versions that keep it on the promise. */
const CONTEXT_SYMBOLS = new Set(["async_id_symbol", "trigger_async_id_symbol", "kResourceStore", "destroyed"]);

/** Keeps the kernel's own bookkeeping out of `util.inspect(promise)`. */
export function installPromiseInspection(): void {
  function inspectPromise(this: object, _depth: number, options: InspectOptions): string {
    for (const symbol of Object.getOwnPropertySymbols(this)) {
      if (CONTEXT_SYMBOLS.has(symbol.description ?? "")) Object.defineProperty(this, symbol, { enumerable: false });
    }
    return inspect(this, { ...options, customInspect: false });
  }
  const prototype: object = Promise.prototype;
  const descriptor = { value: inspectPromise, enumerable: false, writable: true, configurable: true };
  Object.defineProperty(prototype, inspect.custom, descriptor);
}
