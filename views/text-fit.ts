import { textWidth } from "./svg-node.js";

/** The text as it is where it fits, else its beginning and "…". */
export function fitText(text: string, size: number, room: number): string {
  if (textWidth(text, size) <= room) return text;
  const characters = Array.from(text);
  const shortened = (count: number): string => `${characters.slice(0, count).join("").trimEnd()}…`;
  let count = characters.length;
  while (count > 0 && textWidth(shortened(count), size) > room) count -= 1;
  return shortened(count);
}

/** The text in at most `lines` lines, broken between words, and inside those that are longer than a line. */
export function wrapText(text: string, size: number, room: number, lines: number): string[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const wrapped: string[] = [];
  while (words.length > 0) {
    if (wrapped.length === lines - 1) return [...wrapped, fitText(words.join(" "), size, room)];
    let line = words.shift() ?? "";
    if (textWidth(line, size) > room) {
      const [head, tail] = broken(line, size, room);
      line = head;
      if (tail) words.unshift(tail);
    } else while (words[0] !== undefined && textWidth(`${line} ${words[0]}`, size) <= room) line += ` ${words.shift()}`;
    wrapped.push(line);
  }
  return wrapped;
}

/** A word's beginning that fits, at least one character, and the rest. */
function broken(word: string, size: number, room: number): [string, string] {
  const characters = Array.from(word);
  let count = characters.length;
  while (count > 1 && textWidth(characters.slice(0, count).join(""), size) > room) count -= 1;
  return [characters.slice(0, count).join(""), characters.slice(count).join("")];
}
