/** A Jupyter client that needs no Python: starts a kernel, runs cells one after the other, and passes on what they publish. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Subscriber } from "zeromq";
import { kernelspec } from "../../kernel/kernelspec.js";
import { textField } from "../../kernel/front/content.js";
import { Codec } from "../../kernel/wire/codec.js";
import { type ConnectionInfo, endpoint } from "../../kernel/wire/connection-file.js";
import { type JsonObject, type Message, PROTOCOL_VERSION } from "../../kernel/wire/message.js";

/** A message that a cell published. */
export interface Publication {
  readonly type: string;
  readonly content: JsonObject;
}

/** The kernel can run no further cells; the reason is for people. */
export class KernelGone extends Error {
  override readonly name = "KernelGone";
}

/** The cell asked the user for input, and there is nobody. */
export class InputAsked extends Error {
  override readonly name = "InputAsked";
}

export interface SessionOptions {
  /** Folder of this package. */
  packageRoot: string;
  /** Working directory of the cells. */
  folder: string;
  /** Variables on top of this process's own. */
  env: NodeJS.ProcessEnv;
}

interface Request {
  readonly onPublication: (publication: Publication) => void;
  readonly resolve: (reply: JsonObject) => void;
  readonly reject: (error: Error) => void;
  reply?: JsonObject;
  idle?: boolean;
}

/** Stands for a msg_id: the welcome answers no request. */
const WELCOME = "";

/** How long, in milliseconds, a kernel may take to end by itself. */
const PATIENCE_MS = 3000;

export class KernelSession {
  readonly #process: ChildProcess;
  readonly #connectionFolder: string;
  readonly #codec: Codec;
  readonly #session = randomUUID();
  readonly #shell: Dealer;
  readonly #stdin: Dealer;
  readonly #iopub: Subscriber;
  /** By msg_id, and the welcome. Kept after their end, for what timers publish late. */
  readonly #requests = new Map<string, Request>();

  private constructor(process: ChildProcess, connectionFolder: string, info: ConnectionInfo) {
    this.#process = process;
    this.#connectionFolder = connectionFolder;
    this.#codec = new Codec(info.signature_scheme, info.key);
    // The kernel asks for input under the identity that the request came from.
    const routingId = this.#session;
    this.#shell = new Dealer({ linger: 0, routingId });
    this.#stdin = new Dealer({ linger: 0, routingId });
    this.#iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
    this.#shell.connect(endpoint(info, info.shell_port));
    this.#stdin.connect(endpoint(info, info.stdin_port));
    this.#iopub.connect(endpoint(info, info.iopub_port));
    this.#iopub.subscribe();
    process.once("exit", (code, signal) =>
      this.#fail(new KernelGone(`The kernel ended (${signal ?? `code ${code}`}).`)),
    );
    process.once("error", (error) => this.#fail(new KernelGone(`The kernel cannot be started: ${error.message}`)));
    for (const socket of [this.#shell, this.#iopub, this.#stdin]) void this.#receive(socket);
  }

  /** Starts a kernel; resolves when it answers, and its publications arrive. */
  static async start({ packageRoot, folder, env }: SessionOptions): Promise<KernelSession> {
    const connectionFolder = await mkdtemp(join(tmpdir(), "phasebook-kernel-"));
    const info = connectionIn(connectionFolder);
    const file = join(connectionFolder, "connection.json");
    await writeFile(file, JSON.stringify(info), { mode: 0o600 });
    const [program = "", ...args] = kernelspec(process.execPath, packageRoot).argv;
    const kernel = spawn(program, [...args.slice(0, -1), file], {
      cwd: folder,
      // The kernel ends itself when this process is gone, however it went.
      env: { ...process.env, JPY_PARENT_PID: String(process.pid), PHASEBOOK_HISTORY: "", ...env },
      stdio: "ignore",
      // Ctrl-C is for this process, which then closes its kernels.
      detached: true,
    });
    const session = new KernelSession(kernel, connectionFolder, info);
    try {
      await session.#welcomed();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /**
   * Runs one cell and resolves with its reply when it is done. Rejects with {@link KernelGone} or {@link InputAsked}.
   * @param onPublication gets what the cell publishes, also late
   */
  execute(code: string, onPublication: (publication: Publication) => void): Promise<JsonObject> {
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: true };
    return this.#request("execute_request", { ...content, stop_on_error: true }, onPublication);
  }

  /** Ends the kernel, whatever it is doing. */
  async close(): Promise<void> {
    this.#fail(new KernelGone("The kernel was closed."));
    for (const socket of [this.#shell, this.#stdin, this.#iopub]) socket.close();
    if (this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      const timer = setTimeout(() => this.#process.kill("SIGKILL"), PATIENCE_MS);
      await ended;
      clearTimeout(timer);
    }
    await rm(this.#connectionFolder, { recursive: true, force: true });
  }

  /** A subscription takes effect some time after it was made; then the kernel publishes a welcome. */
  #welcomed(): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      this.#requests.set(WELCOME, { onPublication: () => undefined, resolve, reject });
    });
  }

  #request(type: string, content: JsonObject, onPublication: Request["onPublication"]): Promise<JsonObject> {
    const header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.#session,
      username: "phasebook",
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    };
    return new Promise((resolve, reject) => {
      this.#requests.set(header.msg_id, { onPublication, resolve, reject });
      const frames = this.#codec.encode({ identities: [], header, parentHeader: undefined, content });
      void this.#shell.send(frames).catch((error: unknown) => reject(new KernelGone(String(error))));
    });
  }

  async #receive(socket: Dealer | Subscriber): Promise<void> {
    try {
      for await (const frames of socket) this.#handle(this.#codec.decode(frames));
    } catch (error) {
      if (!socket.closed) this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #handle({ header: { msg_type: type }, parentHeader, content }: Message): void {
    if (type === "iopub_welcome") return this.#requests.get(WELCOME)?.resolve({});
    const request = this.#requests.get(textField(parentHeader, "msg_id", "none"));
    if (!request) return;
    if (type === "input_request") return request.reject(new InputAsked(textField(content, "prompt")));
    if (type.endsWith("_reply")) request.reply = content;
    else if (type !== "status") request.onPublication({ type, content });
    else if (content["execution_state"] === "idle") request.idle = true;
    // Replies and publications come on different sockets, in any order.
    if (request.idle && request.reply) request.resolve(request.reply);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#requests.values()) reject(error);
  }
}

/** Sockets in a folder of their own: no ports to run out of, nobody else to connect. */
function connectionIn(folder: string): ConnectionInfo {
  return {
    transport: "ipc",
    ip: join(folder, "socket"),
    ...{ shell_port: 1, control_port: 2, stdin_port: 3, iopub_port: 4, hb_port: 5 },
    signature_scheme: "hmac-sha256",
    key: randomUUID(),
  };
}
