import {
  type Comm,
  type Json,
  type MimeBundle,
  NOTEBOOK_HOST,
  type NotebookHost,
  type DisplayOptions,
} from "../../src/protocol.js";

/** A notebook host that records what it is asked to show, and a front end that opens comms. */
export class FakeHost implements NotebookHost {
  readonly shown: { bundle: MimeBundle; options: DisplayOptions }[] = [];
  readonly interruptSignal: NotebookHost["interruptSignal"] = new AbortController().signal;
  readonly notebookFolder = "/";
  readonly targets: string[] = [];
  #onOpen: ((comm: Comm, data: Json, buffers: Uint8Array[]) => void) | undefined;

  /** Makes this the process's host until `remove`. */
  install(): this {
    Reflect.set(globalThis, NOTEBOOK_HOST, this);
    return this;
  }

  remove(): void {
    Reflect.deleteProperty(globalThis, NOTEBOOK_HOST);
  }

  display(bundle: MimeBundle, options: DisplayOptions = {}): void {
    this.shown.push({ bundle, options });
  }

  registerCommTarget(target: string, onOpen: (comm: Comm, data: Json, buffers: Uint8Array[]) => void): void {
    this.targets.push(target);
    this.#onOpen = onOpen;
  }

  openComm(): Comm {
    throw new Error("Renderers open the comm.");
  }

  /** What a renderer in the browser does. */
  open(figure: string): FakeComm {
    const comm = new FakeComm();
    this.#onOpen?.(comm, { figure }, []);
    return comm;
  }
}

/** The kernel's end of a comm; `sent` is what arrived in the browser. */
export class FakeComm implements Comm {
  readonly id = "comm";
  readonly sent: { data: { type: string; [key: string]: Json }; buffers: Uint8Array[] }[] = [];
  onMessage: ((data: Json, buffers: Uint8Array[]) => void) | undefined;
  onClose: ((data: Json) => void) | undefined;

  send(data: Json, buffers: Uint8Array[] = []): void {
    this.sent.push({ data: data as { type: string }, buffers });
  }

  close(): void {
    this.onClose?.(null);
  }

  get types(): string[] {
    return this.sent.map(({ data }) => data.type);
  }

  drawn(): void {
    this.onMessage?.({ type: "drawn" }, []);
  }

  select(members: number[]): void {
    this.onMessage?.({ type: "select", selection: { members } }, []);
  }
}
