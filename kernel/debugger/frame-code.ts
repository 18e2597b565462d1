/** Code that runs in a frame of a paused program. */
import type { Debugger, Runtime } from "node:inspector";
import { CELL_OBJECT } from "../cell/cell-object.js";
import type { InspectorLink } from "../front/inspector-link.js";
import type { CompiledCell } from "../link/messages.js";
import type { JsonObject } from "../wire/message.js";
import { DebugError } from "./dap.js";
import type { PausedFrame } from "./pause.js";

/** Where compiled cells put their value. */
export const SLOT = `${CELL_OBJECT}.value`;

export class FrameCode {
  readonly #inspector: InspectorLink;
  readonly #compile: (code: string) => Promise<CompiledCell>;

  /** @param compile Makes a cell of TypeScript. */
  constructor(inspector: InspectorLink, compile: (code: string) => Promise<CompiledCell>) {
    this.#inspector = inspector;
    this.#compile = compile;
  }

  /** Runs TypeScript, and returns its value; without `await`, which a paused program cannot wait for. */
  async evaluate(frame: PausedFrame, code: string): Promise<Runtime.RemoteObject> {
    const { script } = await this.#compile(code);
    await this.#run(frame, script);
    return this.#run(frame, `(v => (${SLOT} = void 0, v))(${SLOT})`);
  }

  /** The representations of a variable's value, by MIME type. */
  async represent(frame: PausedFrame, name: string): Promise<JsonObject> {
    const bundle = await this.#run(frame, `${CELL_OBJECT}.representNow(${name})`, true);
    return bundle.value as JsonObject;
  }

  /** Puts a variable's value where {@link SLOT} finds it, and returns it. */
  put(frame: PausedFrame, name: string): Promise<Runtime.RemoteObject> {
    return this.#run(frame, `${SLOT} = ${name}`);
  }

  async #run(
    { callFrame: { callFrameId } }: PausedFrame,
    expression: string,
    returnByValue = false,
  ): Promise<Runtime.RemoteObject> {
    const parameters = { callFrameId, expression, returnByValue, generatePreview: !returnByValue, silent: true };
    const reply = await this.#inspector.post<Debugger.EvaluateOnCallFrameReturnType>(
      "Debugger.evaluateOnCallFrame",
      parameters,
    );
    const failure = reply.exceptionDetails?.exception?.description ?? reply.exceptionDetails?.text;
    if (failure !== undefined) throw new DebugError(failure.split("\n", 1)[0]);
    return reply.result;
  }
}
