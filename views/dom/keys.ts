import type { MoveKey } from "./painter.js";

/** What a key asks of a figure. */
export type KeyAction =
  | { type: "move"; key: MoveKey; extend: boolean }
  | { type: "choose"; add: boolean }
  | { type: "clear" }
  | { type: "zoom"; factor: number }
  | { type: "camera"; dx: number; dy: number }
  | { type: "undo" }
  | { type: "redo" };

export const KEYS_HELP =
  "Arrow keys, Home and End move from member to member, in a latent space from point to point; with Shift they choose " +
  "everything on the way; Enter chooses, " +
  "Shift and Enter adds or removes; Escape clears; Control and Z undoes, Control and Y redoes. In a latent space plus and " +
  "minus zoom, 0 shows all, and Alt with the arrows moves or turns the points.";

/** Pixels that Alt and an arrow move the points by. */
const CAMERA_STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-20, 0],
  ArrowRight: [20, 0],
  ArrowUp: [0, -20],
  ArrowDown: [0, 20],
};

/** What a key press means; undefined for keys that are the page's. */
export function keyAction({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): KeyAction | undefined {
  if (ctrlKey || metaKey) {
    const letter = key.toLowerCase();
    if (letter === "z") return { type: shiftKey ? "redo" : "undo" };
    return letter === "y" ? { type: "redo" } : undefined;
  }
  const camera = altKey ? CAMERA_STEPS[key] : undefined;
  if (camera) return { type: "camera", dx: camera[0], dy: camera[1] };
  if (altKey) return undefined;
  switch (key) {
    case "+":
    case "=":
      return { type: "zoom", factor: 1.25 };
    case "-":
      return { type: "zoom", factor: 0.8 };
    case "0":
      return { type: "zoom", factor: 0 };
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
