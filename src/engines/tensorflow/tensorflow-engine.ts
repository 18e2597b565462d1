import type { Program } from "../../tensor/program.js";
import { checkMembers } from "../checks.js";
import type { Engine, LoadedProgram, LoadOptions } from "../engine.js";
import { findTensorflow, loadTensorflow } from "./load-tensorflow.js";
import { TensorflowProgram } from "./tensorflow-program.js";

/**
 * Programs operation by operation on TensorFlow.js, all members at once along a first axis: an implementation from
 * elsewhere that the others are checked against, and a way to large dense models. It is installed by
 * `npx phasebook install-tensorflow`.
 */
export class TensorflowEngine implements Engine {
  readonly name = "tensorflow";
  readonly precision = "float32";

  get description(): string {
    return findTensorflow()?.description ?? "TensorFlow.js, which is not installed";
  }

  /** Throws a {@link NoTensorflowError} that says how to get TensorFlow.js where there is none. */
  async load(program: Program, { members }: LoadOptions): Promise<LoadedProgram> {
    checkMembers(members);
    return new TensorflowProgram(await loadTensorflow(), program, members);
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
