// `npm run build`, after the TypeScript build: the module that figures carry.
import { bundleFigureWidget } from "./lib/bundle.mjs";
import { main } from "./lib/main.mjs";

await main(bundleFigureWidget);
