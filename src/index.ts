export * from "./engines/index.js";
export * from "./ensemble/index.js";
export * from "./models/index.js";
export * from "./optimizers/index.js";
export * from "./tensor/index.js";
