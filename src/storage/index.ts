export {
  CheckpointError,
  findCheckpoint,
  type OpenCheckpoint,
  openCheckpoint,
  type StoredArray,
  writeCheckpoint,
} from "./checkpoint-file.js";
export { Digest } from "./digest.js";
export { loadTable, saveTable } from "./table-file.js";
