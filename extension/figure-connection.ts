import type { Kernel, KernelMessage } from "@jupyterlab/services";
import { FIGURE_COMM_TARGET, type FromRenderer, type ToRenderer } from "../src/protocol.js";

export interface ConnectionHandlers {
  onMessage: (message: ToRenderer, buffers: Uint8Array[]) => void;
  /** The kernel side closed the comm: it knows nothing of figures. */
  onClose: () => void;
}

/** One renderer's comm to the kernel side of its figure. */
export class FigureConnection {
  readonly #comm: Kernel.IComm;

  constructor(kernel: Kernel.IKernelConnection, figure: string, { onMessage, onClose }: ConnectionHandlers) {
    this.#comm = kernel.createComm(FIGURE_COMM_TARGET);
    this.#comm.onMsg = ({ content, buffers }: KernelMessage.ICommMsgMsg) =>
      onMessage(content.data as unknown as ToRenderer, (buffers ?? []).map(toBytes));
    this.#comm.onClose = onClose;
    this.#comm.open({ figure });
  }

  send(message: FromRenderer): void {
    if (!this.#comm.isDisposed) this.#comm.send(message as unknown as Parameters<Kernel.IComm["send"]>[0]);
  }

  /** Ends the connection from this side; `onClose` is not called. */
  close(): void {
    this.#comm.onClose = () => undefined;
    if (!this.#comm.isDisposed) this.#comm.close();
  }
}

function toBytes(buffer: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
}
