// `npm test -- [parts of file names]`: sets up and builds, then runs the tests whose paths contain one of the parts.
import { requireNode } from "./lib/node-version.mjs";

requireNode();
import("./lib/main.mjs").then(({ main }) =>
  main(async () => {
    const { setUp } = await import("./lib/setup.mjs");
    const { findTests, runTests } = await import("./lib/test-runner.mjs");
    const files = findTests(process.argv.slice(2));
    await setUp({ forTests: true });
    process.exitCode = (await runTests(files)) ? 0 : 1;
  }),
);
