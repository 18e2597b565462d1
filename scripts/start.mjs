// `npm start -- [options of JupyterLab]`: sets up what is missing, then runs JupyterLab on the notebooks until Ctrl-C.
import { requireNode } from "./lib/node-version.mjs";

requireNode();
import("./lib/main.mjs").then(({ main }) =>
  main(async () => {
    const { requireFreePort, runJupyterLab } = await import("./lib/jupyter-lab.mjs");
    const { setUp } = await import("./lib/setup.mjs");
    const options = process.argv.slice(2);
    await requireFreePort(options);
    await setUp();
    process.exitCode = await runJupyterLab(options);
  }),
);
