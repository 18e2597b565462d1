/**
 * Timers that know their execution. An interrupted cell such as `for (;;) { await sleep(); … }` cannot be ended from
 * outside; without the timer that would wake it, it never goes on.
 */
import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";
import { storedScope, type CellScope } from "./scope.js";

type Timer = NodeJS.Timeout | NodeJS.Immediate;
type Callback = (this: unknown, ...parameters: unknown[]) => unknown;
type StartTimer = (callback: Callback, ...rest: unknown[]) => Timer;

const original = { clearTimeout, clearInterval, clearImmediate };
const owners = new WeakMap<object, Set<Timer>>();
const timersOf = new WeakMap<CellScope, Set<Timer>>();

export function installTimers(): void {
  replace("setTimeout", (start) => trackedStart(start as StartTimer, true));
  replace("setImmediate", (start) => trackedStart(start as StartTimer, true));
  replace("setInterval", (start) => trackedStart(start as StartTimer, false));
  for (const name of ["clearTimeout", "clearInterval", "clearImmediate"] as const) {
    replace(name, (clear) => (timer: Timer | undefined) => {
      if (typeof timer === "object") owners.get(timer)?.delete(timer);
      (clear as (timer: Timer | undefined) => void)(timer);
    });
  }
  installPromises();
}

/** Clears all timers that the execution started. */
export function clearTimers(scope: CellScope): void {
  for (const timer of timersOf.get(scope) ?? []) {
    if ("hasRef" in timer && "refresh" in timer) original.clearTimeout(timer);
    else original.clearImmediate(timer);
  }
  timersOf.delete(scope);
}

type TimerFunction =
  "setTimeout" | "setImmediate" | "setInterval" | "clearTimeout" | "clearInterval" | "clearImmediate";

/** Keeps the properties of the function, such as the one by which `util.promisify` finds its promise form. */
function replace(name: TimerFunction, wrap: (original: unknown) => object): void {
  const before = globalThis[name];
  const after = Object.defineProperties(wrap(before), Object.getOwnPropertyDescriptors(before));
  Object.defineProperty(globalThis, name, { value: after, writable: true, configurable: true, enumerable: true });
}

function trackedStart(start: StartTimer, once: boolean): StartTimer {
  return (callback, ...rest) => {
    const scope = storedScope();
    if (scope === undefined || typeof callback !== "function") return start(callback, ...rest);
    const timers = timersOf.get(scope) ?? new Set();
    timersOf.set(scope, timers);
    const run = function (this: unknown, ...parameters: unknown[]): void {
      if (once) timers.delete(timer);
      Reflect.apply(callback, this, parameters);
    };
    const timer = start(run, ...rest);
    timers.add(timer);
    owners.set(timer, timers);
    return timer;
  };
}

/** The promise forms take a signal, which ends their wait when the cell is interrupted. */
function installPromises(): void {
  const { setTimeout, setImmediate, setInterval } = timersPromises;
  const withSignal = <Options extends { signal?: AbortSignal | undefined }>(
    options: Options | undefined,
  ): Options | undefined => {
    const signal = storedScope()?.controller.signal;
    if (signal === undefined) return options;
    return {
      ...options,
      signal: options?.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
    } as Options;
  };
  const tracked: Pick<typeof timersPromises, "setTimeout" | "setImmediate" | "setInterval"> = {
    setTimeout: (delay, value, options) => setTimeout(delay, value, withSignal(options)),
    setImmediate: (value, options) => setImmediate(value, withSignal(options)),
    setInterval: (delay, value, options) => setInterval(delay, value, withSignal(options)),
  };
  Object.assign(timersPromises, tracked);
  syncBuiltinESMExports();
}
