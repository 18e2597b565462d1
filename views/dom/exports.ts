import type { FigureModel } from "../figure-model.js";
import { toCSV } from "../to-csv.js";
import { toSVG } from "../to-svg.js";
import { element } from "./elements.js";

/** Pixels of a PNG for each pixel of the picture. */
const PNG_SCALE = 2;

/** Makes a picture or a table of the figure and offers it as a file. */
export async function exportFigure(model: FigureModel, format: ExportFormat): Promise<void> {
  const name = (model.title ?? "figure").replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase();
  const blob = await FORMATS[format](model);
  const link = element("a", { href: URL.createObjectURL(blob), download: `${name}.${format}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export type ExportFormat = "png" | "svg" | "csv";

const FORMATS: Record<ExportFormat, (model: FigureModel) => Blob | Promise<Blob>> = {
  svg: (model) => new Blob([picture(model)], { type: "image/svg+xml" }),
  csv: (model) => new Blob([toCSV(model)], { type: "text/csv" }),
  png: (model) => rasterise(picture(model)),
};

const picture = (model: FigureModel): string => toSVG(model.payload, { settings: model.settings });

async function rasterise(picture: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`;
  await image.decode();
  const [width, height] = [image.naturalWidth * PNG_SCALE, image.naturalHeight * PNG_SCALE];
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d")?.drawImage(image, 0, 0, width, height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser made no PNG."))), "image/png"),
  );
}

/** A button that opens a menu of formats. */
export function exportMenu(onChoose: (format: ExportFormat) => void): HTMLElement {
  const names: Record<ExportFormat, string> = { png: "Image (PNG)", svg: "Drawing (SVG)", csv: "Table (CSV)" };
  const items = (Object.keys(names) as ExportFormat[]).map((format) => {
    const item = element("button", { type: "button", role: "menuitem" }, names[format]);
    item.addEventListener("click", () => {
      close();
      onChoose(format);
    });
    return item;
  });
  const menu = element("div", { class: "phasebook-menu", role: "menu", "aria-label": "Export" }, ...items);
  const attributes = { type: "button", "aria-label": "Export figure", title: "Export figure", "aria-haspopup": "menu" };
  const button = element("button", { ...attributes, "aria-expanded": "false" }, "⤓");
  const box = element("span", { class: "phasebook-export" }, button, menu);
  const close = () => {
    menu.style.display = "none";
    button.setAttribute("aria-expanded", "false");
    button.focus();
  };
  button.addEventListener("click", () => {
    if (menu.style.display === "grid") {
      close();
      return;
    }
    menu.style.display = "grid";
    button.setAttribute("aria-expanded", "true");
    items[0]?.focus();
  });
  box.addEventListener("keydown", (event) => {
    const at = items.findIndex((item) => item === document.activeElement);
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus();
    else if (event.key === "ArrowUp") items.at(at - 1)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return box;
}
