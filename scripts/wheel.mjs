// `npm run wheel [-- FOLDER]`: makes the Python wheel for administrators of JupyterHub, into wheel/ or the folder named.
import { resolve } from "node:path";
import { main } from "./lib/main.mjs";
import { inRoot } from "./lib/paths.mjs";
import { buildAll } from "./lib/setup.mjs";
import { makeWheel } from "./lib/wheel.mjs";

await main(async () => {
  await buildAll("notebooks");
  console.log(await makeWheel(resolve(process.argv[2] ?? inRoot("wheel"))));
});
