import { exitOf, LEAKED_PARAMETER, type Loop, type Requests, requestsOf } from "../../tensor/loop.js";
import type { OperationAttributes, OperationCall, OperationName } from "../../tensor/operation.js";
import { topologicalOrder } from "../../tensor/program.js";
import { loopOf } from "../../tensor/scan.js";
import type { Tensor } from "../../tensor/tensor.js";
import { commonCount, countOf, expand, type Members } from "./member-axis.js";
import { type LoopName, OPERATIONS } from "./operations.js";
import type { TensorFlow } from "./tensorflow-types.js";

/** What a loop leaves behind. */
interface LoopValues {
  readonly carry: readonly Members[];
  readonly stacks: ReadonlyMap<Tensor, Members>;
}

/** Computes some tensors from given ones, operation by operation; each value is freed after its last use. */
export class StepPlan {
  private readonly order: readonly Tensor[];
  private readonly requests: ReadonlyMap<Tensor, Requests>;
  /** Tensors that are read for the last time by one of them. */
  private readonly lastReads = new Map<Tensor, Tensor[]>();
  /** Constants do not change from step to step. */
  private readonly constants = new Map<Tensor, Members>();
  private readonly bodies = new Map<
    Tensor,
    { readonly loop: Loop; readonly plan: StepPlan; readonly results: Results }
  >();

  constructor(
    private readonly tf: TensorFlow,
    private readonly roots: readonly Tensor[],
    private readonly given: ReadonlySet<Tensor>,
  ) {
    this.order = topologicalOrder(roots, given).filter((tensor) => !given.has(tensor));
    this.requests = requestsOf(this.order);
    const kept = new Set([...roots, ...given]);
    const seen = new Set<Tensor>();
    for (const reader of this.order.toReversed()) {
      const last = [reader, ...reader.inputs].filter((read) => !kept.has(read) && !seen.has(read));
      last.forEach((read) => seen.add(read));
      this.lastReads.set(reader, [...new Set(last)]);
    }
  }

  /** The roots' values, which are the caller's to free. */
  run(given: ReadonlyMap<Tensor, Members>): Members[] {
    const known = new Map(given);
    const loops = new Map<Tensor, LoopValues>();
    for (const tensor of this.order) {
      if (tensor.call.name === "scan") loops.set(tensor, this.runLoop(tensor, known));
      else known.set(tensor, this.valueOf(tensor, known, loops));
      for (const read of this.lastReads.get(tensor)!) this.free(read, known, loops);
    }
    const values = this.roots.map((root) => known.get(root)!.clone());
    for (const root of new Set(this.roots)) if (!this.given.has(root)) this.free(root, known, loops);
    return values;
  }

  /** Of the matrix products of one member; multiply-adds count two. */
  get flops(): number {
    return this.order.reduce((sum, tensor) => {
      if (tensor.call.name === "scan") return sum + loopOf(tensor).length * this.bodyOf(tensor).plan.flops;
      return tensor.call.name === "matmul" ? sum + 2 * tensor.size * tensor.inputs[0]!.shape.at(-1)! : sum;
    }, 0);
  }

  dispose(): void {
    for (const value of this.constants.values()) value.dispose();
    for (const { plan } of this.bodies.values()) plan.dispose();
  }

  private free(tensor: Tensor, known: ReadonlyMap<Tensor, Members>, loops: ReadonlyMap<Tensor, LoopValues>): void {
    const loop = loops.get(tensor);
    if (loop) for (const value of [...loop.carry, ...loop.stacks.values()]) value.dispose();
    else if (!this.constants.has(tensor)) known.get(tensor)!.dispose();
  }

  private valueOf(
    tensor: Tensor,
    known: ReadonlyMap<Tensor, Members>,
    loops: ReadonlyMap<Tensor, LoopValues>,
  ): Members {
    const { call } = tensor;
    switch (call.name) {
      case "constant":
      case "iota": {
        const value = this.constants.get(tensor) ?? this.compute(tensor, call, []);
        this.constants.set(tensor, value);
        return value;
      }
      case "final":
        return loops.get(tensor.inputs[0]!)!.carry[call.attributes.index]!.clone();
      case "stacked":
        return loops.get(tensor.inputs[0]!)!.stacks.get(call.attributes.value)!.clone();
      case "input":
        return known.get(this.inputOf(call.attributes.name))!.clone();
      case "parameter":
      case "scan":
        throw new Error(LEAKED_PARAMETER);
      default:
        return this.compute(
          tensor,
          call,
          tensor.inputs.map((input) => known.get(input)!),
        );
    }
  }

  /** The given tensor that an input of the same name stands for. */
  private inputOf(name: string): Tensor {
    const found = [...this.given].find(({ call }) => call.name === "input" && call.attributes.name === name);
    if (found) return found;
    throw new Error(`The program reads an input "${name}" that is not among its inputs.`);
  }

  private compute(
    tensor: Tensor,
    call: Exclude<OperationCall, { name: LoopName }>,
    inputs: readonly Members[],
  ): Members {
    // The table's entry of a name takes that name's attributes.
    const operation = OPERATIONS[call.name] as (
      tf: TensorFlow,
      inputs: readonly Members[],
      tensor: Tensor,
      attributes: OperationAttributes[OperationName],
    ) => Members;
    return this.tf.tidy(() => operation(this.tf, inputs, tensor, call.attributes));
  }

  private runLoop(scan: Tensor, known: ReadonlyMap<Tensor, Members>): LoopValues {
    const { loop, plan, results } = this.bodyOf(scan);
    const { length, reverse, index, captured, carry, slices } = loop;
    const { tf } = this;
    const operands = scan.inputs.map((input) => known.get(input)!);
    const sequences = operands.slice(captured.length + carry.length);
    let present = operands.slice(captured.length, captured.length + carry.length).map((value) => value.clone());
    const stacks = new Map(results.stacks.map((tensor) => [tensor, new Array<Members>(length)]));
    for (let turn = 0; turn < length; turn++) {
      const i = reverse ? length - 1 - turn : turn;
      const own = [tf.tensor(Int32Array.of(i), [1], "int32"), ...sequences.map((sequence) => sliceOf(tf, sequence, i))];
      const given = new Map<Tensor, Members>();
      [index, ...slices].forEach((tensor, k) => given.set(tensor, own[k]!));
      captured.forEach((tensor, k) => given.set(tensor, operands[k]!));
      carry.forEach((tensor, k) => given.set(tensor, present[k]!));
      const values = plan.run(given);
      for (const value of [...own, ...present]) value.dispose();
      present = values.slice(0, carry.length);
      results.stacks.forEach((tensor, k) => (stacks.get(tensor)![i] = values[carry.length + k]!));
      if (results.exit && !goesOn(values.at(-1)!)) break;
    }
    return { carry: present, stacks: new Map(Array.from(stacks, ([tensor, values]) => [tensor, this.stack(values)])) };
  }

  private bodyOf(scan: Tensor): { readonly loop: Loop; readonly plan: StepPlan; readonly results: Results } {
    const found = this.bodies.get(scan);
    if (found) return found;
    const loop = loopOf(scan);
    const requests = this.requests.get(scan)!;
    const exit = exitOf(loop, requests);
    const results = { stacks: [...requests.stacks], exit };
    const { index, captured, carry, slices, next } = loop;
    const given = new Set([index, ...captured, ...carry, ...slices]);
    const plan = new StepPlan(this.tf, [...next, ...results.stacks, ...(exit ? [exit] : [])], given);
    const body = { loop, plan, results };
    this.bodies.set(scan, body);
    return body;
  }

  /** Values of all iterations, one after the other behind the members' axis; frees them. */
  private stack(values: readonly Members[]): Members {
    const { tf } = this;
    const count = commonCount(values);
    const stacked = tf.tidy(() =>
      tf.stack(
        values.map((value) => expand(tf, value, count)),
        1,
      ),
    );
    for (const value of values) value.dispose();
    return stacked;
  }
}

/** What a loop is asked for, beside its carry. */
interface Results {
  readonly stacks: readonly Tensor[];
  readonly exit: Tensor | undefined;
}

/** Element `i` along the first axis behind the members'. */
function sliceOf(tf: TensorFlow, x: Members, i: number): Members {
  const [, , ...own] = x.shape;
  const begin = [0, i, ...own.map(() => 0)];
  return tf.tidy(() => tf.reshape(tf.slice(x, begin, [countOf(x), 1, ...own]), [countOf(x), ...own]));
}

/** Whether a truth value is true for any member; frees it. */
function goesOn(value: Members): boolean {
  const isTrue = value.dataSync().some((element) => element !== 0);
  value.dispose();
  return isTrue;
}
