/** What local files need of TypeScript, in one module, so that it is loaded at once and with the first of them. */
export { compileModule } from "../cell/compile-module.js";
export { emitOptions, mappedPaths, readTsconfig } from "../cell/tsconfig.js";
