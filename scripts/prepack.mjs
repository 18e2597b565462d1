// `npm pack` and `npm publish`: builds the library, the kernel, the command and the extension that the package ships.
import { main } from "./lib/main.mjs";
import { buildAll } from "./lib/setup.mjs";

await main(() => buildAll("notebooks"));
