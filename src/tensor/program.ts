import type { Tensor } from "./tensor.js";

/** A value that a program is given. `member`: each member has its own; `shared`: all members read the same one. */
export interface ProgramInput {
  readonly name: string;
  readonly tensor: Tensor;
  readonly scope: "member" | "shared";
}

/**
 * What an engine runs for every member: one step. The member's inputs that appear in `updates` are its state: after
 * a step they take the new value, and the next step starts from it. Outputs hold the values of the last step.
 */
export interface Program {
  readonly inputs: readonly ProgramInput[];
  readonly updates: readonly { readonly input: string; readonly value: Tensor }[];
  readonly outputs: readonly { readonly name: string; readonly value: Tensor }[];
}

/**
 * All tensors a program computes, each after its inputs, each once; what `given` has is not looked into. `inputsOf` says
 * what a tensor comes after.
 */
export function topologicalOrder(
  roots: readonly Tensor[],
  given: { has(tensor: Tensor): boolean } = new Set(),
  inputsOf: (tensor: Tensor) => readonly Tensor[] = ({ inputs }) => inputs,
): Tensor[] {
  const order: Tensor[] = [];
  const done = new Set<Tensor>();
  const stack = roots.map((tensor) => ({ tensor, next: 0 })).reverse();
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (done.has(top.tensor)) {
      stack.pop();
    } else if (!given.has(top.tensor) && top.next < inputsOf(top.tensor).length) {
      stack.push({ tensor: inputsOf(top.tensor)[top.next++]!, next: 0 });
    } else {
      done.add(top.tensor);
      order.push(top.tensor);
      stack.pop();
    }
  }
  return order;
}

/** Outputs and new state: the tensors that a program has to compute. */
export function rootsOf(program: Program): Tensor[] {
  return [...program.updates.map((update) => update.value), ...program.outputs.map((output) => output.value)];
}
