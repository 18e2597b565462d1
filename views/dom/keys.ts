import type { MoveKey } from "./painter.js";

/** What a key asks of a figure. */
export type KeyAction =
  | { type: "move"; key: MoveKey; extend: boolean }
  | { type: "choose"; add: boolean }
  | { type: "clear" }
  | { type: "undo" }
  | { type: "redo" };

export const KEYS_HELP =
  "Arrow keys, Home and End move from member to member, with Shift they choose everything on the way; Enter chooses, " +
  "Shift and Enter adds or removes; Escape clears; Control and Z undoes, Control and Y redoes.";

/** What a key press means; undefined for keys that are the page's. */
export function keyAction({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): KeyAction | undefined {
  if (ctrlKey || metaKey) {
    const letter = key.toLowerCase();
    if (letter === "z") return { type: shiftKey ? "redo" : "undo" };
    return letter === "y" ? { type: "redo" } : undefined;
  }
  switch (key) {
    case "ArrowLeft":
    case "ArrowRight":
    case "ArrowUp":
    case "ArrowDown":
    case "Home":
    case "End":
      return { type: "move", key, extend: shiftKey };
    case "Enter":
    case " ":
      return { type: "choose", add: shiftKey };
    case "Escape":
      return { type: "clear" };
    default:
      return undefined;
  }
}
