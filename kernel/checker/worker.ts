/** A thread of the type checker, beside the front process: checks, completes and explains without delaying anything. */
import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { CellModules } from "./cell-modules.js";
import { check } from "./check.js";
import { complete } from "./complete.js";
import { Gate } from "./gate.js";
import { inspect } from "./inspect.js";
import { createCellService } from "./language-service.js";
import type { CheckerRequests, CheckerSetup, RequestType, ToChecker } from "./messages.js";

const { folder, packageRoot, background, gate, cells } = workerData as CheckerSetup;
// On Linux this is the thread's own priority, elsewhere that of the process.
if (background && process.platform === "linux") setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
const modules = new CellModules(folder);
for (const cell of cells) modules.record(cell);
const service = createCellService(modules, folder, packageRoot, new Gate(gate));

function answer(message: Exclude<ToChecker, { type: "record" }>): CheckerRequests[RequestType]["reply"] {
  switch (message.type) {
    case "complete":
      return complete(modules, service, message.request.source, message.request.offset);
    case "inspect":
      return inspect(modules, service, message.request.source, message.request.offset);
    case "check":
      return check(modules, service, message.request.cell);
  }
}

parentPort?.on("message", (message: ToChecker) => {
  if (message.type === "record") return modules.record(message.cell);
  try {
    parentPort?.postMessage({ id: message.id, reply: answer(message) });
  } catch (error) {
    parentPort?.postMessage({ id: message.id, error: String(error) });
  }
});
