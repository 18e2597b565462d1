import type { SvgNode } from "../svg-node.js";

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/** Makes an HTML element; children are elements or plain text, never markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Builds the elements of an SVG node. */
export function svgElement(node: SvgNode): SVGElement {
  const made = document.createElementNS(SVG_NAMESPACE, node.tag);
  for (const [name, value] of Object.entries(node.attributes)) made.setAttribute(name, String(value));
  for (const child of node.children) made.append(typeof child === "string" ? child : svgElement(child));
  return made;
}

/** An SVG element that always shows the last node given, and touches the page only when the node is another one. */
export class SvgLayer {
  readonly node: SVGElement;
  #shown = "";

  constructor(className: string) {
    this.node = svgElement({ tag: "svg", attributes: { class: className, "aria-hidden": "true" }, children: [] });
  }

  show(nodes: readonly SvgNode[]): void {
    const key = JSON.stringify(nodes);
    if (key === this.#shown) return;
    this.#shown = key;
    this.node.replaceChildren(...nodes.map(svgElement));
  }
}
