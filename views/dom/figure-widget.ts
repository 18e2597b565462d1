/**
 * A figure as an anywidget: what draws it in front ends that know Jupyter's widgets, but not Phasebook. This module is
 * bundled, with all that it imports, into the `_esm` of each such widget.
 */
import type { FigurePayload, FromRenderer, ToRenderer } from "../../src/protocol.js";
import { mount, type MountedFigure } from "./mount.js";
import { guardFigureKeys } from "./shortcut-guard.js";

/** What this uses of an anywidget's model. */
interface Model {
  get(key: "payload"): FigurePayload;
  set(key: "payload", value: FigurePayload): void;
  send(content: { view: string; message: FromView }): void;
  on(event: "msg:custom", listener: MessageListener): void;
  /** Of Jupyter's widgets: the kernel is gone, and the comm with it. */
  on(event: "comm_live_update", listener: () => void): void;
  off(event: string, listener: MessageListener | (() => void)): void;
}
type FromView = FromRenderer | { type: "open" } | { type: "close" };
type MessageListener = (content: { view: string; message: ToRenderer }, buffers: DataView[]) => void;

interface RenderProps {
  model: Model;
  el: HTMLElement;
}

const GUARDED = Symbol.for("phasebook.guarded-keys");

/** Shows the figure in one view of the model; each view is a renderer of its own to the kernel's side. */
function render({ model, el }: RenderProps): () => void {
  guardKeysOnce();
  const view = randomName();
  const send = (message: FromView): void => model.send({ view, message });
  // Only here: what the model holds is saved with the notebook, and the kernel knows it already.
  const store = (): void => {
    // A view that its front end has replaced hears on, but is sent nothing new because it draws nothing.
    if (el.isConnected) model.set("payload", figure.payload);
  };
  const figure = mount(model.get("payload"), el, {
    onSelect: (selection) => send({ type: "select", selection }),
    onChange: store,
    onDrawn: () => send({ type: "drawn" }),
  });
  const listener: MessageListener = ({ view: addressee, message }, buffers) => {
    if (addressee === view && receive(figure, message, buffers.map(toBytes))) store();
  };
  const detached = (): void => figure.note("Kernel ended · last state");
  model.on("msg:custom", listener);
  model.on("comm_live_update", detached);
  send({ type: "open" });
  return () => {
    model.off("msg:custom", listener);
    model.off("comm_live_update", detached);
    send({ type: "close" });
    figure.dispose();
  };
}

/** Takes a message of the kernel's side; the answer is whether the figure shows another state that will stay. */
function receive(figure: MountedFigure, message: ToRenderer, buffers: Uint8Array[]): boolean {
  switch (message.type) {
    case "snapshot":
      figure.replace(message.payload, buffers);
      return isFinal(message.payload.progress.state);
    case "update":
      figure.update(message.arrays, message.progress, buffers);
      return isFinal(message.progress.state);
    case "select":
      figure.select(message.selection);
      return true;
    case "unknown-figure":
      return false;
  }
}

const isFinal = (state: FigurePayload["progress"]["state"]): boolean => state !== "running" && state !== "waiting";

const toBytes = ({ buffer, byteOffset, byteLength }: DataView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Not `crypto.randomUUID`, which pages have only over a secure connection. */
const randomName = (): string => crypto.getRandomValues(new Uint32Array(2)).join("-");

/** Each widget's module is a copy of its own, and a page needs one guard. */
function guardKeysOnce(): void {
  if (Reflect.get(window, GUARDED) === true) return;
  Reflect.set(window, GUARDED, true);
  guardFigureKeys(window);
}

export { mount };
export default { render };
