/** What the contestants draw, for each in its own form. */
import type { Comm, EncodedArray, FigurePayload } from "../../src/protocol.js";
import { type Figure, latentSpace, phaseDiagram } from "../../src/figures/index.js";
import type { FigureSource } from "../../src/figures/index.js";

export const SIDE = 256;
export const POINTS = 1_000_000;
export const POINTS_IN_SPACE = 200_000;

/** A smooth landscape over a grid that changes with time, in row-major order. */
export const landscape = (time: number): Float64Array =>
  Float64Array.from({ length: SIDE ** 2 }, (_, i) =>
    Math.exp(Math.sin(Math.floor(i / SIDE) / 20 + time) * Math.cos((i % SIDE) / 30)),
  );

/** A figure as a live page receives it: the payload, and its buffers in base64. */
export interface LiveFigure {
  payload: FigurePayload;
  buffers: string[];
}

export function diagram(): LiveFigure {
  const axis = (place: (i: number) => number) => Float64Array.from({ length: SIDE ** 2 }, (_, i) => place(i));
  const source = finished(SIDE ** 2, [
    { name: "x", role: "hyperparameter", scale: "linear", values: axis((i) => Math.floor(i / SIDE)) },
    { name: "y", role: "hyperparameter", scale: "linear", values: axis((i) => i % SIDE) },
    { name: "loss", role: "metric", scale: "log", values: landscape(0) },
  ]);
  return snapshot(phaseDiagram(source, { x: "x", y: "y", color: "loss" }));
}

/** Normally distributed points, the same every time, coloured by their distance from the middle. */
export function cloud(): { x: Float32Array; y: Float32Array; value: Float32Array } {
  let state = 1;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const [x, y, value] = [new Float32Array(POINTS), new Float32Array(POINTS), new Float32Array(POINTS)];
  for (let i = 0; i < POINTS; i++) {
    const [radius, angle] = [Math.sqrt(-2 * Math.log(uniform() + 1e-9)), 2 * Math.PI * uniform()];
    [x[i], y[i], value[i]] = [radius * Math.cos(angle), radius * Math.sin(angle), radius];
  }
  return { x, y, value };
}

export function space({ x, y, value }: ReturnType<typeof cloud>): LiveFigure {
  const points = Float32Array.from({ length: 2 * POINTS }, (_, i) => (i % 2 ? y : x)[i >> 1]!);
  return snapshot(latentSpace(finished(1, []), { points, color: value }));
}

/** A ball of normally distributed points, coloured by their distance from the middle. */
export function ball(): { x: Float32Array; y: Float32Array; z: Float32Array; value: Float32Array } {
  const { x, y, value: other } = cloud();
  const [z, value] = [new Float32Array(POINTS_IN_SPACE), new Float32Array(POINTS_IN_SPACE)];
  for (let i = 0; i < POINTS_IN_SPACE; i++) {
    z[i] = x[POINTS - 1 - i]!;
    value[i] = Math.hypot(other[i]!, z[i]!);
  }
  return { x: x.slice(0, POINTS_IN_SPACE), y: y.slice(0, POINTS_IN_SPACE), z, value };
}

export function spaceOf({ x, y, z, value }: ReturnType<typeof ball>): LiveFigure {
  const points = Float32Array.from({ length: 3 * POINTS_IN_SPACE }, (_, i) => [x, y, z][i % 3]![Math.floor(i / 3)]!);
  return snapshot(latentSpace(finished(1, []), { points, dimensions: 3, color: value }));
}

const finished = (members: number, columns: FigureSource["columns"]): FigureSource => ({
  id: "bench",
  members,
  columns,
  states: new Uint8Array(members).fill(2),
  progress: { state: "finished", step: 1, steps: 1, elapsedSeconds: 1 },
});

/** What a renderer gets when it attaches. */
function snapshot(shown: Figure): LiveFigure {
  let message: LiveFigure | undefined;
  const comm: Comm = {
    id: "bench",
    send: (data, buffers = []) => {
      const { payload } = data as unknown as { payload: FigurePayload };
      message ??= { payload, buffers: buffers.map((bytes) => Buffer.from(bytes).toString("base64")) };
    },
    close: () => undefined,
    onMessage: undefined,
    onClose: undefined,
  };
  shown.attach(comm);
  comm.onClose?.(null);
  return message!;
}

/** Name of the array that holds a column's values. */
export const arrayOf = ({ columns }: FigurePayload, name: string): keyof Record<string, EncodedArray> =>
  columns.find((column) => column.name === name)!.array;
