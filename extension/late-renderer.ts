import type { ICodeCellModel } from "@jupyterlab/cells";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";

/**
 * Adds a renderer for types that nothing else shows, also to the notebooks that are open already; a renderer that is
 * there keeps its types. To be called when all extensions have registered theirs.
 */
export function addLateRenderer(
  factory: IRenderMime.IRendererFactory,
  registry: IRenderMimeRegistry,
  tracker: INotebookTracker,
): void {
  const [mimeType = ""] = factory.mimeTypes;
  if (registry.mimeTypes.includes(mimeType)) return;
  registry.addFactory(factory);
  tracker.forEach((panel) => {
    panel.content.rendermime.addFactory(factory);
    void panel.context.ready.then(() => showAgain(panel, mimeType));
  });
}

/** Puts outputs of a type in their own places, upon which the notebook chooses renderers anew. */
function showAgain({ content, context: { model } }: NotebookPanel, mimeType: string): void {
  const { dirty } = model;
  for (const cell of content.widgets) {
    if (cell.model.type !== "code") continue;
    const { outputs } = cell.model as ICodeCellModel;
    for (let index = 0; index < outputs.length; index++) {
      const output = outputs.get(index);
      if (mimeType in output.data) outputs.set(index, output.toJSON());
    }
  }
  model.dirty = dirty;
}
