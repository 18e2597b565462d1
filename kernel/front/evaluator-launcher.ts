/** Starts evaluators on the best Node that works. */
import { nodeBinaries, type NodeBinary } from "../node-binaries.js";
import {
  EvaluatorProcess,
  type EvaluatorEvents,
  type EvaluatorExit,
  type EvaluatorOptions,
} from "./evaluator-process.js";
import { describeFallback, describeStartFailure } from "./exit-messages.js";

export class EvaluatorLauncher {
  readonly #options: EvaluatorOptions;
  /** Those that have not failed; the first is in use. */
  readonly #nodes: [NodeBinary, ...NodeBinary[]];
  #notice: string | undefined;
  #printed = "";

  constructor(options: EvaluatorOptions) {
    this.#options = options;
    this.#nodes = nodeBinaries(options.packageRoot);
  }

  /** Version of the Node that runs cells, or the likely one where only running it can tell. */
  get nodeVersion(): string {
    return this.#nodes[0].version ?? process.versions.node;
  }

  launch(events: EvaluatorEvents): EvaluatorProcess {
    this.#printed = "";
    try {
      return new EvaluatorProcess(this.#nodes[0].path, this.#options, events);
    } catch (error) {
      if (!this.#nextNode(error instanceof Error ? error.message : String(error))) throw error;
      return this.launch(events);
    }
  }

  /** Notes what an evaluator printed before it was ready: it may tell why it never will be. */
  notePrinted(text: string): void {
    this.#printed += text;
  }

  /** Another evaluator for one that never was ready, on another Node; throws an error where there is none left. */
  relaunch(exit: EvaluatorExit, events: EvaluatorEvents): EvaluatorProcess {
    const reason = describeStartFailure(exit, this.#printed);
    if (!this.#nextNode(reason)) throw new Error(`The evaluator cannot be started (${reason}).`);
    return this.launch(events);
  }

  /** What the user should be told about the choice of Node; once. */
  takeNotice(): string | undefined {
    const notice = this.#notice;
    this.#notice = undefined;
    return notice;
  }

  #nextNode(reason: string): boolean {
    const [failed, next] = this.#nodes;
    if (next === undefined) return false;
    this.#nodes.shift();
    this.#notice = describeFallback(failed, reason, next);
    return true;
  }
}
