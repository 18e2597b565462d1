import type { EncodedArray, FigurePayload, Progress, Selection } from "../../src/protocol.js";
import { FigureModel } from "../figure-model.js";
import type { SelectionHistory } from "../selection.js";
import type { ViewSettings } from "../settings.js";
import { viewName } from "../to-svg.js";
import { exportFigure, type ExportFormat } from "./exports.js";
import { type FigureCallbacks, MountedView } from "./mounted-view.js";

export type { ExportFormat } from "./exports.js";
export type { FigureCallbacks } from "./mounted-view.js";

/** A figure on a page. */
export interface MountedFigure {
  /** The figure as it is now, every array inline: what a saved notebook should hold. */
  readonly payload: FigurePayload;
  /** Its title, or what it shows. */
  readonly name: string;
  /** Replaces arrays and the progress; selection, cursor and everything else stay. */
  update(arrays: Record<string, EncodedArray>, progress: Progress, buffers?: readonly Uint8Array[]): void;
  /** Takes over another state of the figure, and its selection unless that is to stay. @throws {PayloadError} */
  replace(payload: unknown, buffers?: readonly Uint8Array[], keepSelection?: boolean): void;
  /** Chooses for code or another page; `onSelect` is not called. */
  select(selection: Selection): void;
  /** Shows the figure by other settings from now on. */
  configure(settings: ViewSettings): void;
  /** Offers the figure as a file. */
  export(format: ExportFormat): Promise<void>;
  /** Says something about the connection in the header, or nothing. */
  note(message: string): void;
  dispose(): void;
}

export interface MountOptions {
  /** Binary buffers that came with the payload. */
  buffers?: readonly Uint8Array[];
  /** The selection that figures of an ensemble share on this page; without it each has its own. */
  selectionOf?: (ensemble: string) => SelectionHistory;
  settings?: ViewSettings;
}

/**
 * Shows a figure in `host`, linked, live and usable by mouse, touch and keyboard.
 * @throws {PayloadError} when the payload cannot be shown
 */
export function mount(
  payload: unknown,
  host: HTMLElement,
  callbacks: FigureCallbacks = {},
  { buffers, selectionOf, settings }: MountOptions = {},
): MountedFigure {
  const model = new FigureModel(payload, buffers, selectionOf);
  if (settings) model.settings = settings;
  const view = new MountedView(model, host, callbacks);
  return {
    get payload() {
      return model.payload;
    },
    get name() {
      return model.title ?? model.views.map(viewName).join(", ");
    },
    update(arrays, progress, updateBuffers) {
      model.update(arrays, progress, updateBuffers);
      view.invalidate();
    },
    replace(newPayload, newBuffers, keepSelection) {
      model.replace(newPayload, newBuffers, keepSelection);
      view.rebuild();
    },
    select: ({ members, points = [] }) => void model.selection.choose({ members, points }),
    configure(newSettings) {
      model.settings = newSettings;
      view.invalidate();
    },
    export: (format) => exportFigure(model, format),
    note: (message) => view.note(message),
    dispose: () => view.dispose(),
  };
}
