import { createHash } from "node:crypto";
import { notebookHost } from "../notebook-host.js";
import { type Source, sourceText } from "./source-text.js";
import { Widget } from "./widget.js";

/** An anywidget: a module for the browser, whose default export has `render({ model, el })`. */
export interface AnyWidgetOptions<State extends object> {
  /** The module: its text, the path of its file from the notebook's folder, or a URL. */
  _esm: Source;
  /** A style sheet, given in the same ways. */
  _css?: Source;
  /** What the model starts with: JSON values, typed arrays, and other widgets. */
  state?: State;
}

/** A widget whose classes the front end has already: those of ipywidgets, or of another of its extensions. */
export interface ModelOptions<State extends object> {
  /** Name of the module that has the classes, such as `@jupyter-widgets/controls`. */
  _model_module: string;
  /** Version of the module that is asked for, as in a `package.json`. */
  _model_module_version: string;
  _model_name: string;
  /** Its view's class; without it the widget has no view, as a layout has none. */
  _view_name?: string;
  state?: State;
}

/** Any version that a front end has: what an anywidget is given has stayed the same from 0.9 on. */
const ANYWIDGET_VERSION = "*";

/**
 * Opens a Jupyter widget: an anywidget, given by its module, or one of the front end's own classes, given by their
 * names. As the value of a cell it is shown.
 *
 * The front end needs the extension that draws widgets: `pip install anywidget` in the environment of JupyterLab.
 *
 * @throws {Error} without a notebook, or when a file cannot be read
 * @throws {TypeError} for state that is neither JSON nor binary
 */
export function widget<State extends object = Record<string, unknown>>(
  options: AnyWidgetOptions<State> | ModelOptions<State>,
): Widget<State> {
  const classes = "_esm" in options ? anyWidgetState(options) : classNames(options);
  return new Widget({ ...classes, ...options.state } as State);
}

/** What the state of every anywidget holds. */
export interface AnyWidgetState {
  _anywidget_id: string;
  _esm: string;
  _css?: string;
}

/** State of an anywidget without what is its own. */
export function anyWidgetState({ _esm, _css }: Pick<AnyWidgetOptions<object>, "_esm" | "_css">): AnyWidgetState {
  const folder = notebookHost()?.notebookFolder ?? ".";
  const esm = sourceText(_esm, "_esm", folder);
  const css = _css === undefined ? undefined : sourceText(_css, "_css", folder);
  // Front ends keep one style sheet for each of these names.
  const digest = createHash("sha256")
    .update(css ?? esm)
    .digest("hex");
  return {
    ...classNames({
      _model_module: "anywidget",
      _model_module_version: ANYWIDGET_VERSION,
      _model_name: "AnyModel",
      _view_name: "AnyView",
    }),
    _anywidget_id: `phasebook-${digest.slice(0, 16)}`,
    _esm: esm,
    ...(css !== undefined && { _css: css }),
  };
}

function classNames({ state: _, ...names }: ModelOptions<object>): object {
  const { _model_module, _model_module_version, _view_name = null } = names;
  return {
    ...names,
    _view_module: _model_module,
    _view_module_version: _model_module_version,
    _view_name,
    _view_count: null,
  };
}

export type { Binary } from "./packed-state.js";
export type { Source } from "./source-text.js";
export { type MessageListener, Widget } from "./widget.js";
