import { type Program, rootsOf, topologicalOrder } from "../../tensor/program.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Elements that all members compute below which a step is done sooner than faster code for it would be there. */
const LITTLE_WORK = 2 ** 26;

/** Elements and terms that a member's step computes, loops left out. */
export const workOf = (program: Program): number =>
  tensorsOf(program).reduce((sum, tensor) => sum + elementsOf(tensor), 0);

/** Whether one step of all members is short. */
export const isSoonDone = (program: Program, members: number): boolean =>
  members * workOf(program) < LITTLE_WORK && !tensorsOf(program).some(({ call }) => call.name === "scan");

const tensorsOf = (program: Program): Tensor[] => topologicalOrder(rootsOf(program));

/** Terms of a sum count, too. */
const elementsOf = ({ call, size, inputs }: Tensor): number =>
  call.name === "matmul" ? size * inputs[0]!.shape.at(-1)! : size;
