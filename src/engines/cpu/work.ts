import { type Program, rootsOf, topologicalOrder } from "../../tensor/program.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Elements that all members compute below which a step is done sooner than faster code for it would be there. */
const LITTLE_WORK = 2 ** 26;

/** Elements and terms that a member's step computes, loops left out. */
export const workOf = (program: Program): number => sumOf(tensorsOf(program));

/** Whether one step of all members is short. */
export function isSoonDone(program: Program, members: number): boolean {
  const tensors = tensorsOf(program);
  return members * sumOf(tensors) < LITTLE_WORK && !tensors.some(({ call }) => call.name === "scan");
}

const tensorsOf = (program: Program): Tensor[] => topologicalOrder(rootsOf(program));

const sumOf = (tensors: readonly Tensor[]): number => tensors.reduce((sum, tensor) => sum + elementsOf(tensor), 0);

/** Terms of a sum count, too. */
const elementsOf = ({ call, size, inputs }: Tensor): number =>
  call.name === "matmul" ? size * inputs[0]!.shape.at(-1)! : size;
