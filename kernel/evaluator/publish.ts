import type { DisplayOptions, Json, MimeBundle } from "../../src/protocol.js";
import { report } from "./reports.js";
import { currentScope } from "./scope.js";

const encoder = new TextEncoder();

/** The content of a message as the bytes that travel, so that nobody on the way parses a large output again. */
export function encodeContent(content: Record<string, Json>): Uint8Array {
  return encoder.encode(JSON.stringify(content));
}

/** Publishes an iopub message as output of the execution that is running. */
export function publish(messageType: string, content: Record<string, Json>): void {
  const execution = currentScope()?.execution ?? 0;
  report({ type: "publish", execution, messageType }, [encodeContent(content)]);
}

/** Sends `display_data` or `update_display_data`. */
export function publishDisplay(
  bundle: MimeBundle,
  { metadata = {}, displayId, update = false }: DisplayOptions = {},
): void {
  if (update && displayId === undefined)
    throw new TypeError("display with update: true needs the displayId of the output to replace");
  const transient: Record<string, Json> = displayId === undefined ? {} : { display_id: displayId };
  publish(update ? "update_display_data" : "display_data", { data: bundle, metadata, transient });
}
