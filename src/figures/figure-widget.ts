import { notebookHost } from "../notebook-host.js";
import { type Comm, DISPLAY_METHOD, type FigurePayload, type Json, type MimeBundle } from "../protocol.js";
import { type AnyWidgetState, anyWidgetState, Widget } from "../widgets/index.js";
import { BUNDLE } from "./bundle.js";

/** What a figure's widget shows. */
interface ShownFigure {
  readonly payload: FigurePayload;
  attach(comm: Comm): void;
}

export interface FigureWidgetState extends AnyWidgetState {
  payload: FigurePayload;
}

/** From a view, which names itself. */
interface ViewMessage {
  view: string;
  message: { type: string };
}

/** A figure as an anywidget. Its state is what a saved notebook shows; what is live goes by messages. */
export class FigureWidget extends Widget<FigureWidgetState> {
  readonly #figure: ShownFigure;
  readonly #representations: () => MimeBundle;
  readonly #views = new Map<string, ViewComm>();
  /** Step that the displayed picture shows; undefined where nothing is displayed. */
  #pictured: number | undefined;

  /**
   * @param representations What front ends that draw no widgets show of the figure.
   * @throws {Error} without a notebook
   */
  constructor(figure: ShownFigure, representations: () => MimeBundle) {
    super({ ...anyWidgetState({ _esm: BUNDLE }), payload: figure.payload });
    this.#figure = figure;
    this.#representations = representations;
    this.on("msg:custom", (content: ViewMessage) => this.#hear(content));
  }

  /** Shows the figure; its picture for other front ends is replaced by {@link store}. */
  override [DISPLAY_METHOD](): MimeBundle {
    this.#show(false);
    return {};
  }

  /** Keeps the figure's present state for those who open the notebook later. */
  store(): void {
    const { payload } = this.#figure;
    this.set("payload", payload);
    // Only when the training has gone on, because front ends make their views anew for it.
    if (this.#pictured !== undefined && this.#pictured !== payload.progress.step) this.#show(true);
  }

  #show(update: boolean): void {
    this.#pictured = this.#figure.payload.progress.step;
    const bundle = { ...super[DISPLAY_METHOD](), ...this.#representations() };
    notebookHost()?.display(bundle, { displayId: this.id, update });
  }

  #hear({ view, message }: ViewMessage): void {
    if (message.type === "open") {
      const comm = new ViewComm(view, this);
      this.#views.set(view, comm);
      this.#figure.attach(comm);
    } else if (message.type === "close") {
      this.#views.get(view)?.onClose?.({});
      this.#views.delete(view);
    } else this.#views.get(view)?.onMessage?.(message, []);
  }
}

/** One view's share of the widget's comm. */
class ViewComm implements Comm {
  onMessage: Comm["onMessage"];
  onClose: Comm["onClose"];
  readonly #widget: Widget<FigureWidgetState>;

  constructor(
    readonly id: string,
    widget: Widget<FigureWidgetState>,
  ) {
    this.#widget = widget;
  }

  send(message: Json, buffers?: Uint8Array[]): void {
    this.#widget.send({ view: this.id, message }, buffers);
  }

  close(): void {
    this.onClose?.({});
  }
}
