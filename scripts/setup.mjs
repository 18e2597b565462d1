// `npm run setup`: installs and builds all that a notebook needs. Node's built-ins only; see lib/node-version.mjs.
import { requireNode } from "./lib/node-version.mjs";

requireNode();
import("./lib/main.mjs").then(({ main }) =>
  main(async () => {
    const { setUp } = await import("./lib/setup.mjs");
    await setUp();
    console.log("\nReady. `npm start` opens JupyterLab on the notebooks.");
  }),
);
