import { type Comm, type Json, type NotebookHost } from "../protocol.js";
import type { PackedState, Path } from "./packed-state.js";

/** Version of the Jupyter widgets' messaging protocol. */
export const PROTOCOL_VERSION = "2.1.0";

/** Comm target by which a front end asks for all widgets at once, when it opens a notebook that has a kernel. */
const CONTROL_TARGET = "jupyter.widget.control";

/** What the control channel tells of a widget. */
interface OpenWidget {
  readonly id: string;
  pack(): PackedState;
}

const widgets = new Map<string, OpenWidget>();
const hosts = new WeakSet<NotebookHost>();

/** Makes a widget known to front ends that come later. */
export function addWidget(widget: OpenWidget, host: NotebookHost): void {
  widgets.set(widget.id, widget);
  if (hosts.has(host)) return;
  hosts.add(host);
  host.registerCommTarget(CONTROL_TARGET, (comm) => {
    comm.onMessage = (data) => answer(comm, data);
  });
}

export function removeWidget({ id }: OpenWidget): void {
  widgets.delete(id);
}

function answer(comm: Comm, data: Json): void {
  if ((data as { method?: unknown } | null)?.method !== "request_states") return;
  const states: Record<string, Json> = {};
  const buffer_paths: Path[] = [];
  const buffers: Uint8Array[] = [];
  for (const [id, widget] of widgets) {
    const packed = widget.pack();
    const { _model_name, _model_module, _model_module_version } = packed.state;
    states[id] = {
      model_name: _model_name ?? null,
      model_module: _model_module ?? null,
      model_module_version: _model_module_version ?? null,
      state: packed.state,
    };
    buffer_paths.push(...packed.buffer_paths.map((path) => [id, "state", ...path]));
    buffers.push(...packed.buffers);
  }
  comm.send({ method: "update_states", states, buffer_paths }, buffers);
}
