import { AsyncResource } from "node:async_hooks";
import { inspect } from "node:util";
import { notebookHost } from "../notebook-host.js";
import { type Comm, DISPLAY_METHOD, type Json, type MimeBundle } from "../protocol.js";
import { addWidget, PROTOCOL_VERSION, removeWidget } from "./open-widgets.js";
import { type Binary, bytesOf, packState, type PackedState, type Path, unpackState } from "./packed-state.js";

export const WIDGET_MIME = "application/vnd.jupyter.widget-view+json";

const WIDGET_TARGET = "jupyter.widget";
const [MAJOR, MINOR] = PROTOCOL_VERSION.split(".").map(Number) as [number, number];

/** From the front end. */
type WidgetMessage =
  | { method: "update"; state: Record<string, Json>; buffer_paths?: Path[] }
  | { method: "request_state" }
  | { method: "custom"; content: Json };

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- listeners of events with different values
type Listener = (...values: any[]) => void;
type Key<State> = keyof State & string;

/** Listens to messages of the view; their content is whatever the view sends. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in @anywidget/types: only the view knows the type
export type MessageListener = (content: any, buffers: DataView[]) => void;

/**
 * The kernel's side of a Jupyter widget: state that is the same here and in every view of it, and messages. The names
 * are those of a widget's model in the browser.
 */
export class Widget<State extends object = Record<string, unknown>> {
  readonly #comm: Comm;
  readonly #state: State;
  readonly #unsent = new Set<Key<State>>();
  readonly #listeners = new Map<string, Map<Listener, Listener>>();
  #closed = false;

  /**
   * @param state What the widget starts with, the names of its classes in the browser included.
   * @throws {Error} without a notebook
   * @throws {TypeError} for state that is neither JSON nor binary
   */
  constructor(state: State) {
    const host = notebookHost();
    if (!host) throw new Error("There is no notebook, which a widget needs to be shown in.");
    this.#state = { ...state };
    const { buffers, ...data } = this.#pack(this.#state);
    this.#comm = host.openComm(WIDGET_TARGET, data, buffers, { version: PROTOCOL_VERSION });
    this.#comm.onMessage = (message, parts) => this.#receive(message as WidgetMessage, parts);
    this.#comm.onClose = () => this.#end();
    addWidget(this, host);
  }

  /** Identity of the widget's model in all front ends. */
  get id(): string {
    return this.#comm.id;
  }

  get<K extends Key<State>>(key: K): State[K] {
    return this.#state[key];
  }

  /**
   * Changes state here, and in the views at the end of the turn or with {@link save_changes}. An object or array counts
   * as changed also when it is the one that was there.
   * @throws {TypeError} for values that are neither JSON nor binary
   */
  set(values: Partial<State>): void;
  set<K extends Key<State>>(key: K, value: State[K]): void;
  set(key: Partial<State> | Key<State>, value?: unknown): void {
    if (this.#closed) throw new Error("The widget is closed and cannot be changed: make another one.");
    const values = (typeof key === "string" ? { [key]: value } : key) as Partial<State>;
    this.#pack(values);
    const changed = this.#assign(
      values,
      (now, before) => !Object.is(now, before) || (now !== null && typeof now === "object"),
    );
    if (changed.length === 0) return;
    if (this.#unsent.size === 0) queueMicrotask(() => this.save_changes());
    for (const [name] of changed) this.#unsent.add(name);
    this.#announce(changed);
  }

  /** Sends what was set to the views now: a loop that never awaits has no other end of its turn. */
  save_changes(): void {
    if (this.#unsent.size === 0 || this.#closed) return;
    const { buffers, ...data } = this.#pack(pick(this.#state, this.#unsent));
    this.#unsent.clear();
    this.#comm.send({ method: "update", ...data }, buffers);
  }

  /** Sends a message to the views, where it arrives as "msg:custom". */
  send(content: Json, buffers: readonly Binary[] = []): void {
    this.save_changes();
    this.#comm.send({ method: "custom", content }, buffers.map(bytesOf));
  }

  /**
   * Calls the listener when one value has changed ("change:value"), any ("change"), or a view has sent a message
   * ("msg:custom"); the answer ends that. What a listener prints appears below the cell that added it.
   */
  on<K extends Key<State>>(event: `change:${K}`, listener: (value: State[K], before: State[K]) => void): () => void;
  on(event: "change", listener: (keys: Key<State>[]) => void): () => void;
  on(event: "msg:custom", listener: MessageListener): () => void;
  on(event: string, listener: Listener): () => void {
    if (!/^(change(:.+)?|msg:custom)$/.test(event))
      throw new RangeError(`A widget has the events "change", "change:name" and "msg:custom", not "${event}".`);
    const listeners = this.#listeners.get(event) ?? new Map<Listener, Listener>();
    this.#listeners.set(event, listeners);
    listeners.set(listener, AsyncResource.bind(listener));
    return () => listeners.delete(listener);
  }

  /** Ends calls of one listener, of all that one event has, or of all. */
  off(event?: string, listener?: Listener): void {
    if (event === undefined) this.#listeners.clear();
    else if (listener === undefined) this.#listeners.delete(event);
    else this.#listeners.get(event)?.delete(listener);
  }

  /** Takes the widget out of all views. */
  close(): void {
    if (this.#closed) return;
    this.#comm.close();
    this.#end();
  }

  /** All state, as it travels. */
  pack(): PackedState {
    return this.#pack(this.#state);
  }

  /** The value of a cell is shown so; each display is another view of the same state. */
  [DISPLAY_METHOD](): MimeBundle {
    const own = Object.entries(this.#state).filter(([key]) => !key.startsWith("_"));
    const text = inspect(Object.fromEntries(own), { depth: 1, maxArrayLength: 3, breakLength: Infinity });
    return {
      [WIDGET_MIME]: { version_major: MAJOR, version_minor: MINOR, model_id: this.id },
      "text/plain": `Widget ${text}`,
    };
  }

  /** Widgets in the state of another stand there by name: anywidgets have a way of their own to write that. */
  #pack(values: Partial<State>): PackedState {
    const isAnyWidget = Reflect.get(this.#state, "_model_module") === "anywidget";
    return packState(values, (value, [key]) => {
      if (!(value instanceof Widget)) return undefined;
      return isAnyWidget && key !== "layout" && key !== "style" ? `anywidget:${value.id}` : `IPY_MODEL_${value.id}`;
    });
  }

  #receive(message: WidgetMessage, buffers: Uint8Array[]): void {
    switch (message.method) {
      case "update": {
        const { state, buffer_paths = [] } = message;
        // All views hear of it before anything that follows from it: so each knows which change is the latest.
        this.#comm.send({ method: "echo_update", state, buffer_paths }, buffers);
        const values = unpackState({ ...state }, buffer_paths, buffers, this.#state as Record<string, unknown>);
        this.#announce(this.#assign(values as Partial<State>, () => true));
        return;
      }
      case "request_state": {
        const { buffers: parts, ...data } = this.pack();
        this.#comm.send({ method: "update", ...data }, parts);
        return;
      }
      case "custom": {
        const views = buffers.map(({ buffer, byteOffset, byteLength }) => new DataView(buffer, byteOffset, byteLength));
        this.#emit("msg:custom", message.content, views);
      }
    }
  }

  /** Takes values over; the answer are those that count as changed, with what was there before. */
  #assign(
    values: Partial<State>,
    isChange: (now: unknown, before: unknown) => boolean,
  ): [name: Key<State>, before: unknown][] {
    const changed: [Key<State>, unknown][] = [];
    for (const [name, value] of Object.entries(values) as [Key<State>, State[Key<State>]][]) {
      const before = this.#state[name];
      if (!isChange(value, before)) continue;
      this.#state[name] = value;
      changed.push([name, before]);
    }
    return changed;
  }

  #announce(changed: readonly (readonly [name: Key<State>, before: unknown])[]): void {
    for (const [name, before] of changed) this.#emit(`change:${name}`, this.#state[name], before);
    this.#emit(
      "change",
      changed.map(([name]) => name),
    );
  }

  #emit(event: string, ...values: unknown[]): void {
    for (const listener of [...(this.#listeners.get(event)?.values() ?? [])]) Reflect.apply(listener, this, values);
  }

  #end(): void {
    this.#closed = true;
    removeWidget(this);
  }
}

function pick<State extends object>(state: State, keys: Iterable<Key<State>>): Partial<State> {
  const picked: Partial<State> = {};
  for (const key of keys) picked[key] = state[key];
  return picked;
}
