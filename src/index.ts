/** Everything a notebook imports: `import { … } from "phasebook"`. */
import { prepareEngine } from "./engines/choose.js";
import { notebookHost } from "./notebook-host.js";
import { rehearse } from "./rehearsal.js";

export * from "./claims/index.js";
export * from "./clustering/index.js";
export * from "./engines/index.js";
export * from "./ensemble/index.js";
export * from "./figures/index.js";
export * from "./inference/index.js";
export * from "./models/index.js";
export * from "./optimizers/index.js";
export * from "./physics/index.js";
export * from "./stats/index.js";
export { CheckpointError, columnTexts, loadTable, saveTable, type SaveTableOptions } from "./storage/index.js";
export * from "./tasks/index.js";
export * from "./tensor/index.js";
export { type AnyWidgetOptions, type ModelOptions, type Widget, widget } from "./widgets/index.js";

// Who imports all this in a notebook will train something: the threads start, and a training is rehearsed when there is time.
if (notebookHost()) {
  setTimeout(() => void prepareEngine(), 0);
  setTimeout(() => void rehearse(), 300);
}
