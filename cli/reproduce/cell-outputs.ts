/** Publications of cells to the outputs that a notebook stores, as the protocol says. */
import { textField } from "../../kernel/front/content.js";
import type { Json } from "../../src/protocol.js";
import { type MultilineText, type Output, textOf } from "../notebooks/notebook.js";
import type { Publication } from "./kernel-session.js";

/** Outputs of all cells of one run; displays may be replaced by later cells. */
export class CellOutputs {
  readonly #displays = new Map<string, Output[]>();
  readonly #cleared = new Set<Output[]>();

  /** Takes what a cell published into its list of outputs. */
  take(outputs: Output[], { type, content }: Publication): void {
    if (type === "clear_output") return this.#clear(outputs, content["wait"] === true);
    if (type === "update_display_data") return this.#update(content);
    const output = outputOf(type, content);
    if (output === undefined) return;
    if (this.#cleared.delete(outputs)) outputs.length = 0;
    const last = outputs.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      last.text = linesOf(textOf(last.text) + textOf(output.text));
      return;
    }
    outputs.push(output);
    const id = displayId(content);
    if (id !== undefined) this.#displays.set(id, [...(this.#displays.get(id) ?? []), output]);
  }

  #clear(outputs: Output[], wait: boolean): void {
    if (wait) this.#cleared.add(outputs);
    else outputs.length = 0;
  }

  #update(content: Record<string, Json>): void {
    for (const output of this.#displays.get(displayId(content) ?? "") ?? []) Object.assign(output, bundleOf(content));
  }
}

function outputOf(type: string, content: Record<string, Json>): Output | undefined {
  switch (type) {
    case "stream":
      return { name: textField(content, "name"), output_type: "stream", text: linesOf(textField(content, "text")) };
    case "display_data":
      return { ...bundleOf(content), output_type: "display_data" };
    case "execute_result":
      return {
        ...bundleOf(content),
        execution_count: content["execution_count"] as number,
        output_type: "execute_result",
      };
    case "error":
      return {
        ename: textField(content, "ename"),
        evalue: textField(content, "evalue"),
        output_type: "error",
        traceback: content["traceback"] as string[],
      };
    default:
      return undefined;
  }
}

function displayId({ transient }: Record<string, Json>): string | undefined {
  const id =
    transient !== null && typeof transient === "object" && !Array.isArray(transient) && transient["display_id"];
  return typeof id === "string" ? id : undefined;
}

function bundleOf({ data, metadata }: Record<string, Json>): Pick<Output, "data" | "metadata"> {
  const entries = Object.entries((data ?? {}) as Record<string, Json>);
  const stored = entries.map(([type, value]) => [type, typeof value === "string" ? linesOf(value) : value]);
  return {
    data: Object.fromEntries(stored) as Record<string, Json>,
    metadata: (metadata ?? {}) as Record<string, Json>,
  };
}

/** As nbformat stores text: a list of lines with their ends. */
const linesOf = (text: string): MultilineText & Json => text.split(/(?<=\n)/);
