/** `history_request`. */
import type { JsonObject } from "../wire/message.js";
import { booleanField, ContentError, numberField, textField } from "./content.js";
import type { History, HistoryEntry } from "./history.js";

const DEFAULT_COUNT = 1000;

export function answerHistory(history: History, content: JsonObject): JsonObject {
  const withOutput = booleanField(content, "output", false);
  const entries = select(history, content).map(({ session, line, input, output }) => [
    session,
    line,
    withOutput ? [input, output ?? null] : input,
  ]);
  return { status: "ok", history: entries };
}

function select(history: History, content: JsonObject): HistoryEntry[] {
  const type = textField(content, "hist_access_type", "tail");
  switch (type) {
    case "tail":
      return history.tail(numberField(content, "n", DEFAULT_COUNT));
    case "range": {
      const stop = content.stop === undefined || content.stop === null ? undefined : numberField(content, "stop", 0);
      return history.range(numberField(content, "session", 0), numberField(content, "start", 0), stop);
    }
    case "search": {
      const count = content.n === undefined || content.n === null ? undefined : numberField(content, "n", 0);
      return history.search(textField(content, "pattern", "*"), booleanField(content, "unique", false), count);
    }
    default:
      throw new ContentError(`field "hist_access_type" is "${type}"; expected tail, range or search`);
  }
}
