import { exitOf, liveCarry, parametersOf, type Requests } from "../tensor/loop.js";
import { type Program, type ProgramInput, topologicalOrder } from "../tensor/program.js";
import { loopOf } from "../tensor/scan.js";
import type { Tensor } from "../tensor/tensor.js";
import type { ScanOperand } from "./node.js";

/** The program input of a body that holds the number of the iteration. */
export const INDEX_INPUT = "index";

/** The output of a body that says whether the loop goes on. */
export const GOES_ON_OUTPUT = "goes on";

/** One iteration of a loop as a program: the carry is its state, what is stacked its outputs. */
export interface ScanBody {
  readonly program: Program;
  readonly operands: readonly (Omit<ScanOperand, "access"> & { readonly tensor: Tensor })[];
  /** Names of the body's inputs and outputs that hold what the loop was asked for. */
  readonly carry: ReadonlyMap<number, string>;
  readonly stacks: ReadonlyMap<Tensor, string>;
  /** Whether an output of the body says when the loop may be left. */
  readonly mayEnd: boolean;
}

/** The part of a loop's body that what it is asked for depends on. */
export function scanBody(scan: Tensor, requests: Requests): ScanBody {
  const loop = loopOf(scan);
  const { index, captured, carry, next, slices } = loop;
  const live = liveCarry(loop, requests);
  const exit = exitOf(loop, requests);
  const roots = [...live.map((i) => next[i]!), ...requests.stacks, ...(exit ? [exit] : [])];
  const reached = new Set(topologicalOrder(roots, parametersOf(loop)));
  const inputs: ProgramInput[] = [{ name: INDEX_INPUT, tensor: index, scope: "member" }];
  const operands: ScanBody["operands"][number][] = [];
  const addOperand = (role: ScanOperand["role"], parameter: Tensor, tensor: Tensor): string => {
    const input = `${role} ${operands.length}`;
    inputs.push({ name: input, tensor: parameter, scope: "member" });
    operands.push({ role, input, tensor });
    return input;
  };
  const [firstCarry, firstSlice] = [captured.length, captured.length + carry.length];
  captured.forEach((tensor, i) => reached.has(tensor) && addOperand("captured", tensor, scan.inputs[i]!));
  slices.forEach((tensor, i) => reached.has(tensor) && addOperand("slice", tensor, scan.inputs[firstSlice + i]!));
  const names = new Map(live.map((i) => [i, addOperand("carry", carry[i]!, scan.inputs[firstCarry + i]!)] as const));
  const stacks = new Map([...requests.stacks].map((value, i) => [value, `stack ${i}`]));
  return {
    program: {
      inputs,
      updates: live.map((i) => ({ input: names.get(i)!, value: next[i]! })),
      outputs: [
        ...Array.from(stacks, ([value, name]) => ({ name, value })),
        ...(exit ? [{ name: GOES_ON_OUTPUT, value: exit }] : []),
      ],
    },
    operands,
    carry: names,
    stacks,
    mayEnd: exit !== undefined,
  };
}
