/** The evaluator: the process in which user code runs. Started by the front process with the pipes of link/messages.ts. */
import { Socket } from "node:net";
import { FrameReader, type Frame } from "../link/frames.js";
import { PIPES, type Command } from "../link/messages.js";
import { installCellObject, type CellObject } from "./cell-object.js";
import { endCommCommand, handleCommCommand } from "./comms.js";
import { toMimeBundle, toMimeBundleNow } from "./display.js";
import { Executor } from "./executor.js";
import { installGlobals } from "./globals.js";
import { createImports } from "./imports.js";
import { installExit } from "./exit.js";
import { runUndisturbed, startControlThread, terminateUnlessHeeded } from "./interrupts.js";
import { installOutput, output } from "./output.js";
import { installPromiseInspection } from "./promise-inspection.js";
import { report } from "./reports.js";
import { installTimers } from "./timers.js";
import { installStackTraces } from "./traceback.js";
import { watchLateErrors } from "./late-errors.js";

const [packageRoot = process.cwd(), memoryLimit = "Infinity"] = process.argv.slice(2);
const notebookFolder = process.cwd();
const setNextTurn = setImmediate;

process.setSourceMapsEnabled(true);
installStackTraces();
const imports = createImports(notebookFolder, packageRoot);
const cellObject: CellObject = {
  value: undefined,
  awaited: undefined,
  flush: output.flush,
  terminate: terminateUnlessHeeded,
  represent: toMimeBundle,
  representNow: toMimeBundleNow,
  ...imports,
};
const executor = new Executor(cellObject);
startControlThread(Number(memoryLimit), (execution) => executor.interrupt(execution));
installOutput();
installTimers();
installPromiseInspection();
installCellObject(cellObject);
installGlobals({ imports, executor, notebookFolder });
watchLateErrors();

const commands = new Socket({ fd: PIPES.commands, readable: true, writable: false });
const reader = new FrameReader<Command>();
const inbox: Frame<Command>[] = [];
commands.on("data", (chunk: Buffer) => {
  inbox.push(...runUndisturbed(() => reader.push(chunk)));
  handleNext();
});

function handleNext(): void {
  const frame = inbox.shift();
  if (frame === undefined) return;
  const { header, parts } = frame;
  // Both before this one is handled, because an interrupt may end that.
  if (header.type !== "execute") setNextTurn(() => endCommCommand(header));
  if (inbox.length > 0) setNextTurn(handleNext);
  if (header.type === "execute") void executor.execute(header);
  else handleCommCommand(header, parts);
}

installExit();
// One that reaches the whole process group is an interrupt, which the front process hears, too.
process.on("SIGINT", () => undefined);
report({ type: "ready", nodeVersion: process.versions.node, globals: Object.getOwnPropertyNames(globalThis) });
