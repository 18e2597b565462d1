/** A node of an SVG picture: written as text for saved notebooks, built as elements in a page. */
export interface SvgNode {
  tag: string;
  attributes: Record<string, string | number>;
  children: (SvgNode | string)[];
}

/** Makes a node; children that are undefined are left out. */
export function svg(
  tag: string,
  attributes: Record<string, string | number | undefined> = {},
  ...children: (SvgNode | string | undefined)[]
): SvgNode {
  const present: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) present[name] = value;
  return { tag, attributes: present, children: children.filter((child) => child !== undefined) };
}

/** Pixels with two decimals at most. */
export const round = (value: number): number => Math.round(value * 100) / 100;

/** The node as well-formed XML; text is escaped, characters that XML forbids are dropped. */
export function toXML(node: SvgNode): string {
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => ` ${name}="${escapeXML(typeof value === "number" ? String(round(value)) : value)}"`)
    .join("");
  if (node.children.length === 0) return `<${node.tag}${attributes}/>`;
  const children = node.children.map((child) => (typeof child === "string" ? escapeXML(child) : toXML(child)));
  return `<${node.tag}${attributes}>${children.join("")}</${node.tag}>`;
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** Lone surrogates and the two non-characters are not allowed in XML 1.0, nor most control characters. */
const DOUBTFUL = /\p{Cc}|\p{Surrogate}|[\ufffe\uffff]/gu;

export const escapeXML = (text: string): string =>
  text
    .replace(DOUBTFUL, (character) => ("\t\n\r".includes(character) ? character : ""))
    .replace(/[&<>"]/g, (character) => ESCAPES[character] ?? "");

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Width of `text` in pixels as a sans-serif font of this size sets it: no font is at hand without a DOM. That of wide ones
 * (DejaVu Sans, Open Sans), narrow ones take a tenth less.
 */
export function textWidth(text: string, size: number): number {
  let em = 0;
  for (const character of text) em += widthOf(character);
  return em * size;
}

/** Characters by their widths in em. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[abdeghkn-quvxy0-9]/, 0.63],
  [/['IJijl]/, 0.29],
  [/[ ,.:;·f]/, 0.35],
  [/[-!()[\]/\\t"r²³¹⁰⁴-⁹]/, 0.41],
  [/[csz*?_`L|⁻]/, 0.54],
  [/[DGHNOQUφ&]/, 0.77],
  [/[A-LP-VX-Z]/, 0.68],
  [/[w#+<=>^~−×]/, 0.84],
  [/[mMW%@…]/, 1],
  // East Asia's, and pictures.
  [/[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]|\p{Extended_Pictographic}/u, 1],
];

const widthOf = (character: string): number => WIDTHS.find(([pattern]) => pattern.test(character))?.[1] ?? 0.64;
