import type { NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel } from "@jupyterlab/services";
import { FIGURE_MIME } from "../src/protocol.js";
import { SelectionHistory } from "../views/selection.js";
import { KERNEL_NAME } from "./commands.js";
import { FigureRenderer, type RendererOwner, figureFactory } from "./figure-renderer.js";
import type { FigureSettings } from "./figure-settings.js";

const linked = new WeakMap<NotebookPanel, NotebookFigures>();

/** Links the figures of a notebook to one another and to its kernel, for as long as the notebook is open. */
export function linkFigures(panel: NotebookPanel, settings: FigureSettings): void {
  linked.set(panel, new NotebookFigures(panel, settings));
}

/** The figures of a notebook from top to bottom, those of the active cell first. */
export function figuresOf(panel: NotebookPanel): FigureRenderer[] {
  const active = panel.content.activeCell?.node;
  const isElsewhere = ({ node }: FigureRenderer) => (active?.contains(node) ? 0 : 1);
  const below = ({ node: a }: FigureRenderer, { node: b }: FigureRenderer) =>
    a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  return [...(linked.get(panel)?.renderers ?? [])].sort((a, b) => isElsewhere(a) - isElsewhere(b) || below(a, b));
}

/** The figures of one notebook: linked to one another, and to the notebook's kernel whenever there is one. */
class NotebookFigures implements RendererOwner {
  readonly #panel: NotebookPanel;
  readonly renderers = new Set<FigureRenderer>();
  /** By ensemble: whatever shows it in this notebook is linked. */
  readonly #selections = new Map<string, SelectionHistory>();
  #kernel: Kernel.IKernelConnection | undefined;

  constructor(panel: NotebookPanel, settings: FigureSettings) {
    this.#panel = panel;
    const { rendermime } = panel.content;
    rendermime.removeMimeType(FIGURE_MIME);
    rendermime.addFactory(
      figureFactory(() => new FigureRenderer(settings, this)),
      0,
    );
    // A restart keeps the connection and changes only its status; another kernel is another connection.
    panel.sessionContext.kernelChanged.connect(() => this.#follow());
    panel.sessionContext.statusChanged.connect((_, status) => this.#onStatus(status));
    panel.context.saveState.connect((_, state) => {
      if (state === "started") for (const renderer of this.renderers) renderer.store();
    });
    this.#follow();
  }

  onShown(renderer: FigureRenderer): void {
    this.renderers.add(renderer);
    if (this.#kernel) renderer.attach(this.#kernel);
  }

  selectionOf(ensemble: string): SelectionHistory {
    let selection = this.#selections.get(ensemble);
    if (!selection) this.#selections.set(ensemble, (selection = new SelectionHistory()));
    return selection;
  }

  onDisposed(renderer: FigureRenderer): void {
    this.renderers.delete(renderer);
  }

  #onStatus(status: Kernel.Status): void {
    if (status === "restarting" || status === "autorestarting") this.#lose("Kernel restarted · last state");
    else if (status === "dead" || status === "terminating") this.#lose("Kernel ended · last state");
    else if (!this.#kernel && (status === "idle" || status === "busy")) this.#follow();
  }

  /** Attaches all figures to the kernel that the notebook has now, if it has one. */
  #follow(): void {
    const kernel = this.#panel.sessionContext.session?.kernel;
    if (kernel === this.#kernel) return;
    // Other kernels would only log errors about an unknown comm target.
    if (kernel?.name !== KERNEL_NAME) {
      this.#lose("Kernel ended · last state");
      return;
    }
    this.#kernel = kernel;
    for (const renderer of this.renderers) renderer.attach(kernel);
  }

  #lose(note: string): void {
    if (!this.#kernel) return;
    this.#kernel = undefined;
    for (const renderer of this.renderers) renderer.detach(note);
  }
}
