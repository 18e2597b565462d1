import {
  MEMBER_STATES,
  PAYLOAD_VERSION,
  type Column,
  type EncodedArray,
  type FigurePayload,
  type FigureView,
  type ImagesView,
  type LatentFrame,
  type LatentSpaceView,
  type PhaseDiagramView,
} from "../src/protocol.js";
import { BYTES_PER_ELEMENT, base64ByteLength, elementCount } from "./arrays.js";

/** A payload that cannot be shown; the message says which part and why. */
export class PayloadError extends Error {
  override name = "PayloadError";
}

/** Most elements of all arrays together, and most members: what a page can hold. */
const MAX_ELEMENTS = 20_000_000;
const MAX_MEMBERS = 1_000_000;

/**
 * Checks that a value is a figure payload that can be drawn: a notebook may come from anybody.
 * @param buffers binary buffers that came with it, for arrays that refer to one
 * @throws {PayloadError}
 */
export function parsePayload(value: unknown, buffers: readonly Uint8Array[] = []): FigurePayload {
  const payload = object(value, "The figure") as unknown as FigurePayload;
  const version: unknown = payload.version;
  if (version !== PAYLOAD_VERSION) {
    throw new PayloadError(
      `This figure has format version ${shown(version)}; this version of Phasebook reads version ${PAYLOAD_VERSION}. Update Phasebook, or run the notebook again.`,
    );
  }
  text(payload.figure, "figure");
  text(payload.ensemble, "ensemble");
  if (!Number.isInteger(payload.members) || payload.members < 0 || payload.members > MAX_MEMBERS) {
    throw new PayloadError(`The number of members is ${shown(payload.members)}, not between 0 and ${MAX_MEMBERS}.`);
  }
  checkArrays(object(payload.arrays, "arrays") as Record<string, EncodedArray>, buffers);
  checkStructure(payload);
  return payload;
}

/**
 * Checks that columns, views, progress and selection fit the arrays' shapes; looks at no array's bytes.
 * @throws {PayloadError}
 */
export function checkStructure(payload: FigurePayload): void {
  list(payload.columns, "columns").forEach((column) => checkColumn(payload, column as Column));
  checkShape(payload, payload.status, [payload.members], "status");
  list(payload.views, "views").forEach((view) => checkView(payload, view as FigureView));
  checkProgress(payload);
  checkSelection(payload);
}

/** A value in an error message. */
const shown = (value: unknown): string => String(value);

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new PayloadError(`${what} is missing.`);
  return value as Record<string, unknown>;
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new PayloadError(`"${what}" is not a list.`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new PayloadError(`"${what}" is not a text.`);
  return value;
}

/** Checks types, shapes and sizes of arrays. */
export function checkArrays(arrays: Record<string, EncodedArray>, buffers: readonly Uint8Array[]): void {
  let elements = 0;
  for (const [name, array] of Object.entries(arrays)) {
    checkArray(name, array, buffers);
    elements += elementCount(array.shape);
  }
  if (elements > MAX_ELEMENTS) {
    throw new PayloadError(`The figure holds ${elements} numbers, more than the ${MAX_ELEMENTS} that a page can show.`);
  }
}

function checkArray(name: string, array: EncodedArray, buffers: readonly Uint8Array[]): void {
  object(array, `Array "${name}"`);
  if (!Object.hasOwn(BYTES_PER_ELEMENT, array.type)) {
    throw new PayloadError(`Array "${name}" has the unknown element type "${shown(array.type)}".`);
  }
  const sizes = list(array.shape, `shape of ${name}`);
  if (!sizes.every((size) => Number.isInteger(size) && (size as number) >= 0)) {
    throw new PayloadError(`Array "${name}" has the shape [${sizes.join(", ")}].`);
  }
  const { base64, buffer, quantised } = array;
  const bytes =
    base64 !== undefined ? base64ByteLength(text(base64, `base64 of ${name}`)) : buffers[buffer ?? -1]?.byteLength;
  const expected = elementCount(array.shape) * BYTES_PER_ELEMENT[array.type];
  if (bytes !== expected) {
    throw new PayloadError(`Array "${name}" needs ${expected} bytes for its shape, but has ${bytes ?? "none"}.`);
  }
  const { lookup } = array;
  if (lookup && !list(lookup, `lookup of ${name}`).every((value) => typeof value === "number")) {
    throw new PayloadError(`Array "${name}" has a lookup that is not of numbers.`);
  }
  if (quantised && !(Number.isFinite(quantised.offset) && Number.isFinite(quantised.scale))) {
    throw new PayloadError(`Array "${name}" has no finite offset and scale.`);
  }
}

/** `expected` sizes by axis; −1 leaves one open. */
function checkShape(payload: FigurePayload, name: string, expected: number[], what: string): void {
  if (typeof name !== "string" || !Object.hasOwn(payload.arrays, name)) {
    throw new PayloadError(`${what} refers to the array "${shown(name)}", which is not there.`);
  }
  const shape = payload.arrays[name]?.shape ?? [];
  const fits = shape.length === expected.length && expected.every((size, axis) => size === -1 || size === shape[axis]);
  if (!fits) {
    const wanted = expected.map((size) => (size === -1 ? "…" : size)).join(", ");
    throw new PayloadError(`The array "${name}" of ${what} has shape [${shape.join(", ")}] instead of [${wanted}].`);
  }
}

function checkColumn(payload: FigurePayload, column: Column): void {
  object(column, "A column");
  text(column.name, "column name");
  text(column.label, `label of ${column.name}`);
  if (column.unit !== undefined) text(column.unit, `unit of ${column.name}`);
  if (!["linear", "log", "category"].includes(column.scale)) {
    throw new PayloadError(`Column "${column.name}" has the unknown scale "${shown(column.scale)}".`);
  }
  if (column.categories)
    list(column.categories, `categories of ${column.name}`).forEach((name) => text(name, "category"));
  checkShape(payload, column.array, [payload.members], `column "${column.name}"`);
}

function checkView(payload: FigurePayload, view: FigureView): void {
  object(view, "A view");
  const { members, arrays } = payload;
  switch (view.type) {
    case "phase-diagram":
      return checkPhaseDiagram(payload, view);
    case "curves":
      checkShape(payload, view.x, [-1], "the curves' abscissae");
      checkShape(payload, view.y, [members, arrays[view.x]?.shape[0] ?? 0], "the curves");
      for (const name of [view.color, view.band]) if (name !== undefined) checkColumnName(payload, name);
      return;
    case "histogram":
      for (const name of list(view.columns, "columns of a histogram")) checkColumnName(payload, name as string);
      if (!Number.isInteger(view.bins) || view.bins < 1 || view.bins > 10_000) {
        throw new PayloadError(`A histogram has ${shown(view.bins)} bins.`);
      }
      return;
    case "images":
      return checkImages(payload, view);
    case "latent-space":
      return checkLatentSpace(payload, view);
    default:
      throw new PayloadError(`This version of Phasebook has no view of type "${shown((view as FigureView).type)}".`);
  }
}

function checkLatentSpace(payload: FigurePayload, view: LatentSpaceView): void {
  const dimensions = payload.arrays[view.points]?.shape[2] === 3 ? 3 : 2;
  checkCloud(payload, view, dimensions);
  if (view.colorCategories !== undefined) {
    list(view.colorCategories, "categories of points").forEach((name) => text(name, "category"));
  }
  const frames = list(view.frames ?? [], "frames") as LatentFrame[];
  for (const frame of frames) {
    checkCloud(payload, object(frame, "A frame") as unknown as LatentFrame, dimensions);
    if (!Number.isFinite(frame.step)) throw new PayloadError(`A latent space is at step ${shown(frame.step)}.`);
  }
  const { frame } = view;
  if (frame !== undefined && !(Number.isInteger(frame) && frame >= 0 && frame < frames.length)) {
    throw new PayloadError(`The latent space is at frame ${shown(frame)} of ${frames.length}.`);
  }
}

/** Points and their colours, now or in a frame. */
function checkCloud(
  payload: FigurePayload,
  { points, color, every }: Pick<LatentFrame, "points" | "color" | "every">,
  dimensions: number,
): void {
  const { members, arrays } = payload;
  checkShape(payload, points, [members, -1, dimensions], "the latent space");
  if (every !== undefined && !(Number.isInteger(every) && every > 0)) {
    throw new PayloadError(`The latent space holds every ${shown(every)}th point.`);
  }
  if (color === undefined) return;
  const count = arrays[points]?.shape[1] ?? 0;
  const shared = arrays[color]?.shape.length === 1;
  checkShape(payload, color, shared ? [count] : [members, count], "its colours");
}

function checkImages(payload: FigurePayload, view: ImagesView): void {
  if (view.of === "members") return checkShape(payload, view.images, [payload.members, -1, -1], "the images");
  const of: string = view.of;
  if (of !== "points") throw new PayloadError(`Images are of members or points, not of "${of}".`);
  const own = payload.arrays[view.images]?.shape.length === 4;
  checkShape(payload, view.images, own ? [payload.members, -1, -1, -1] : [-1, -1, -1], "the images");
}

function checkPhaseDiagram(payload: FigurePayload, view: PhaseDiagramView): void {
  const { x, y, color, facet, slices = [], boundaries = [], aggregate = "median" } = view;
  for (const name of [x, y, color, ...(facet === undefined ? [] : [facet])]) checkColumnName(payload, name);
  for (const slice of list(slices, "slices") as typeof slices) {
    checkColumnName(payload, (object(slice, "A slice") as typeof slice).column);
    if (!Number.isInteger(slice.index)) throw new PayloadError(`A slice is at ${shown(slice.index)}, not at an index.`);
  }
  if (view.colorLabel !== undefined) text(view.colorLabel, "label of the colours");
  if (!["mean", "median", "share", "spread"].includes(aggregate)) {
    throw new PayloadError(`This version of Phasebook cannot sum up members by "${shown(aggregate)}".`);
  }
  if (!list(boundaries, "boundaries").every((value) => typeof value === "number")) {
    throw new PayloadError("The boundaries of a phase diagram are not numbers.");
  }
}

function checkColumnName(payload: FigurePayload, name: string): void {
  if (!payload.columns.some((column) => column.name === name)) {
    throw new PayloadError(`A view refers to the column "${shown(name)}", which is not there.`);
  }
}

function checkProgress({ progress }: FigurePayload): void {
  object(progress, "progress");
  for (const key of ["step", "steps", "elapsedSeconds"] as const) {
    if (typeof progress[key] !== "number") throw new PayloadError(`"progress.${key}" is not a number.`);
  }
}

function checkSelection({ selection, members }: FigurePayload): void {
  const { members: chosen, points = [] } = object(selection, "selection");
  checkIndices(chosen, members, "member");
  checkIndices(points, MAX_ELEMENTS, "point");
}

function checkIndices(indices: unknown, count: number, noun: string): void {
  for (const index of list(indices, `selection.${noun}s`)) {
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= count) {
      throw new PayloadError(`The selection names ${noun} ${shown(index)}, but there are ${count}.`);
    }
  }
}

/** The name of a member state; states that this version does not know count as waiting. */
export const memberState = (code: number): (typeof MEMBER_STATES)[number] => MEMBER_STATES[code] ?? "waiting";
