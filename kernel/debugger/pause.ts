/** A pause of the program, in terms of the user's code. */
import { readFileSync } from "node:fs";
import type { Debugger, Runtime } from "node:inspector";
import { isInTryWithCatch } from "./caught.js";
import type { CellFiles } from "./cell-files.js";
import type { Scope, StackFrame } from "./dap.js";
import type { Place, Scripts } from "./scripts.js";
import type { Variables } from "./variables.js";

/** A frame of the user's code. */
export interface PausedFrame {
  callFrame: Debugger.CallFrame;
  place: Place;
}

export interface Pause {
  frames: PausedFrame[];
  /** Whether the innermost frame is the user's. */
  inUserCode: boolean;
  event: Debugger.PausedEventDataType;
}

export function describePause(event: Debugger.PausedEventDataType, scripts: Scripts): Pause {
  const frames = event.callFrames.flatMap((callFrame) => {
    const place = scripts.place(callFrame.location);
    return place === undefined ? [] : [{ callFrame, place }];
  });
  return { frames, inUserCode: frames[0]?.callFrame === event.callFrames[0], event };
}

export function stackFrames({ frames }: Pause): StackFrame[] {
  return frames.map(({ callFrame, place: { source, line, column } }, id) => ({
    id: id + 1,
    name: callFrame.functionName.replace(/\$cell$/, "") || source.name,
    source,
    line: line + 1,
    column: column + 1,
  }));
}

/** Blocks and function as one, then the functions around it, then the variables of all cells. Node's globals are left out. */
export function scopesOf({ callFrame }: PausedFrame, variables: Variables): Scope[] {
  const local: string[] = [];
  const outer: { name: string; ids: string[] }[] = [];
  let inFunction = true;
  for (const { type, object } of callFrame.scopeChain) {
    const ids = object.objectId === undefined ? [] : [object.objectId];
    if (type === "global") continue;
    if (type === "script" || type === "module") outer.push({ name: type === "script" ? "Notebook" : "Module", ids });
    else if (inFunction && type !== "closure") local.push(...ids);
    else outer.push({ name: "Closure", ids });
    inFunction &&= type !== "local" && type !== "closure";
  }
  const scopes = outer.map(({ name, ids }, i) => {
    const same = outer.slice(0, i).filter((scope) => scope.name === name).length;
    return scope(same === 0 ? name : `${name} ${same + 1}`, variables.refer({ objectIds: ids }));
  });
  if (local.length === 0) return scopes;
  const self = inFunction ? undefined : callFrame.this;
  return [scope("Locals", variables.refer({ objectIds: local, ...(self && { self }) })), ...scopes];
}

function scope(name: string, variablesReference: number): Scope {
  return { name, variablesReference, expensive: false };
}

/** Whether the pause is at an exception that a `catch` around one of the calls, awaited ones included, takes. */
export async function isCaught({ event }: Pause, scripts: Scripts, cells: CellFiles): Promise<boolean> {
  for (const location of callLocations(event)) {
    const place = scripts.place(location);
    const text = place === undefined ? undefined : textOf(place.source.path, cells);
    if (place !== undefined && text !== undefined && (await isInTryWithCatch(text, place.line, place.column)))
      return true;
  }
  return false;
}

function callLocations({ callFrames, asyncStackTrace }: Debugger.PausedEventDataType): Debugger.Location[] {
  const locations = callFrames.map(({ location }) => location);
  for (let trace: Runtime.StackTrace | undefined = asyncStackTrace; trace !== undefined; trace = trace.parent)
    locations.push(...trace.callFrames);
  return locations;
}

/** The text of a cell or file; undefined where it cannot be read. */
export function textOf(path: string, cells: CellFiles): string | undefined {
  try {
    return cells.code(path) ?? readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
