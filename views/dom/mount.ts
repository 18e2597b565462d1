import type { EncodedArray, FigurePayload, Progress, Selection } from "../../src/protocol.js";
import { FigureModel } from "../figure-model.js";
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
  /** Shows a selection that was made elsewhere; `onSelect` is not called. */
  select(selection: Selection): void;
  /** Says something about the connection in the header, or nothing. */
  note(message: string): void;
  dispose(): void;
}

/**
 * Shows a figure in `host`, linked, live and usable by mouse, touch and keyboard.
 * @throws {PayloadError} when the payload cannot be shown
 */
export function mount(
  payload: unknown,
  host: HTMLElement,
  callbacks: FigureCallbacks = {},
  buffers: readonly Uint8Array[] = [],
): MountedFigure {
  const model = new FigureModel(payload, buffers);
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
    select({ members }) {
      if (model.selection.choose(members)) view.invalidate();
    },
    note: (message) => view.note(message),
    dispose: () => view.dispose(),
  };
}
