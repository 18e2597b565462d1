export {
  CheckpointError,
  findCheckpoint,
  type OpenCheckpoint,
  openCheckpoint,
  type StoredArray,
  writeCheckpoint,
} from "./checkpoint-file.js";
export { columnTexts, describeTable } from "./described-table.js";
export { Digest } from "./digest.js";
export { loadTable, saveTable, type SaveTableOptions } from "./table-file.js";
