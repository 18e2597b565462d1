import type { EncodedArray, FigurePayload, Progress, Selection } from "../../src/protocol.js";
import { FigureModel } from "../figure-model.js";
import type { SelectionHistory } from "../selection.js";
import { type FigureCallbacks, MountedView } from "./mounted-view.js";

export type { FigureCallbacks } from "./mounted-view.js";

/** A figure on a page. */
export interface MountedFigure {
  /** The figure as it is now, every array inline: what a saved notebook should hold. */
  readonly payload: FigurePayload;
  /** Replaces arrays and the progress; selection, cursor and everything else stay. */
  update(arrays: Record<string, EncodedArray>, progress: Progress, buffers?: readonly Uint8Array[]): void;
  /** Takes over another state of the figure. @throws {PayloadError} */
  replace(payload: unknown, buffers?: readonly Uint8Array[]): void;
  /** Chooses for code or another page; `onSelect` is not called. */
  select(selection: Selection): void;
  /** Says something about the connection in the header, or nothing. */
  note(message: string): void;
  dispose(): void;
}

export interface MountOptions {
  /** Binary buffers that came with the payload. */
  buffers?: readonly Uint8Array[];
  /** The selection that figures of an ensemble share on this page; without it each has its own. */
  selectionOf?: (ensemble: string) => SelectionHistory;
}

/**
 * Shows a figure in `host`, linked, live and usable by mouse, touch and keyboard.
 * @throws {PayloadError} when the payload cannot be shown
 */
export function mount(
  payload: unknown,
  host: HTMLElement,
  callbacks: FigureCallbacks = {},
  { buffers, selectionOf }: MountOptions = {},
): MountedFigure {
  const model = new FigureModel(payload, buffers, selectionOf);
  const view = new MountedView(model, host, callbacks);
  return {
    get payload() {
      return model.payload;
    },
    update(arrays, progress, updateBuffers) {
      model.update(arrays, progress, updateBuffers);
      view.invalidate();
    },
    replace(newPayload, newBuffers) {
      model.replace(newPayload, newBuffers);
      view.rebuild();
    },
    select: ({ members, points = [] }) => void model.selection.choose({ members, points }),
    note: (message) => view.note(message),
    dispose: () => view.dispose(),
  };
}
