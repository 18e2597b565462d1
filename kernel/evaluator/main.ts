/** The evaluator: the process in which user code runs. Started by the front process with the pipes of link/messages.ts. */
import { Socket } from "node:net";
import { FrameReader } from "../link/frames.js";
import { PIPES, type Command } from "../link/messages.js";
import { installCellObject, type CellObject } from "./cell-object.js";
import { handleCommCommand } from "./comms.js";
import { Executor } from "./executor.js";
import { installGlobals } from "./globals.js";
import { createImports } from "./imports.js";
import { installExit } from "./exit.js";
import { startControlThread, terminateUnlessHeeded } from "./interrupts.js";
import { installOutput, output } from "./output.js";
import { installPromiseInspection } from "./promise-inspection.js";
import { report } from "./reports.js";
import { installTimers } from "./timers.js";
import { installStackTraces } from "./traceback.js";
import { watchLateErrors } from "./late-errors.js";

const [packageRoot = process.cwd(), memoryLimit = "Infinity"] = process.argv.slice(2);
const notebookFolder = process.cwd();

process.setSourceMapsEnabled(true);
installStackTraces();
const imports = createImports(notebookFolder, packageRoot);
const cellObject: CellObject = {
  value: undefined,
  awaited: undefined,
  flush: output.flush,
  terminate: terminateUnlessHeeded,
  ...imports,
};
const executor = new Executor(cellObject);
startControlThread(Number(memoryLimit), () => executor.interrupt());
installOutput();
installTimers();
installPromiseInspection();
installCellObject(cellObject);
installGlobals({ imports, executor, notebookFolder });
watchLateErrors();

const commands = new Socket({ fd: PIPES.commands, readable: true, writable: false });
const reader = new FrameReader<Command>();
commands.on("data", (chunk: Buffer) => {
  for (const { header, parts } of reader.push(chunk)) {
    if (header.type === "execute") void executor.execute(header);
    else handleCommCommand(header, parts);
  }
});
installExit();
report({ type: "ready", nodeVersion: process.versions.node, globals: Object.getOwnPropertyNames(globalThis) });
