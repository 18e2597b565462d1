/** The front process of the kernel: `node main.js CONNECTION_FILE`. Never runs user code. */
import { fileURLToPath } from "node:url";
import { Kernel } from "./front/kernel.js";
import { memoryLimit } from "./front/memory-limit.js";
import { onParentGone } from "./front/parent.js";
import { Codec } from "./wire/codec.js";
import { readConnectionFile } from "./wire/connection-file.js";
import { ZmqTransport } from "./wire/zmq-transport.js";

const [connectionFile] = process.argv.slice(2);
if (connectionFile === undefined) {
  console.error("usage: node main.js CONNECTION_FILE (Jupyter starts kernels this way)");
  process.exit(2);
}
const info = readConnectionFile(connectionFile);
const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
const transport = await ZmqTransport.bind(info);
const kernel = new Kernel(transport, new Codec(info.signature_scheme, info.key), {
  folder: process.cwd(),
  packageRoot,
  memoryLimit: memoryLimit(process.env),
});
const shutDown = (): void => void kernel.close().finally(() => process.exit(0));
kernel.onShutdown = shutDown;
process.on("SIGINT", () => kernel.interrupt());
process.on("SIGTERM", shutDown);
const { JPY_PARENT_PID: server } = process.env;
if (server !== undefined) onParentGone(Number(server), shutDown);
