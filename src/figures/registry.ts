import { notebookHost } from "../notebook-host.js";
import { type Comm, FIGURE_COMM_TARGET, type Json, type NotebookHost, type OpenFigure } from "../protocol.js";

/** A figure that renderers can attach to. */
export interface AttachableFigure {
  readonly id: string;
  attach(comm: Comm): void;
}

const figures = new Map<string, AttachableFigure>();
const hosts = new WeakSet<NotebookHost>();

/** Lets renderers find the figure, as long as the session lasts or until {@link unregisterFigure}. */
export function registerFigure(figure: AttachableFigure): void {
  figures.set(figure.id, figure);
  const host = notebookHost();
  if (!host || hosts.has(host)) return;
  hosts.add(host);
  host.registerCommTarget(FIGURE_COMM_TARGET, attach);
}

export function unregisterFigure(figure: AttachableFigure): void {
  figures.delete(figure.id);
}

function attach(comm: Comm, data: Json): void {
  const id = (data as unknown as OpenFigure | null)?.figure ?? "";
  const figure = figures.get(id);
  if (figure) figure.attach(comm);
  else comm.send({ type: "unknown-figure", figure: id });
}
