import { type Loop, parametersOf } from "./loop.js";
import { finalOf, loopOf, parameter, stackOf } from "./scan.js";
import { Tensor } from "./tensor.js";

/** Adds to the known tensors with examples those that the roots are computed from, without looking into what is given. */
type Batch = (roots: readonly Tensor[], known: Map<Tensor, Tensor>, count: number, given: ReadonlySet<Tensor>) => void;

/** A loop over many examples at once. */
export class BatchedLoop {
  private readonly scan: Tensor;
  private readonly loop: Loop;
  /** The body's tensors that differ between examples. */
  private readonly known = new Map<Tensor, Tensor>();
  private readonly live = new Set<number>();

  /** `operands` are the scan's inputs with examples; `undefined` for those that are alike for all. */
  constructor(
    scan: Tensor,
    operands: readonly (Tensor | undefined)[],
    private readonly count: number,
    private readonly batch: Batch,
  ) {
    const loop = (this.loop = loopOf(scan));
    const { captured, carry, slices, next, goesOn } = loop;
    const [firstCarry, firstSlice] = [captured.length, captured.length + carry.length];
    const [ofCaptured, ofCarry, ofSlices] = [
      operands.slice(0, firstCarry),
      operands.slice(firstCarry, firstSlice),
      operands.slice(firstSlice),
    ];
    for (const [tensors, given] of [
      [captured, ofCaptured],
      [slices, ofSlices],
    ] as const)
      tensors.forEach((tensor, i) => given[i] && this.known.set(tensor, this.many(tensor)));
    this.growCarry(ofCarry);
    const own = (tensors: readonly Tensor[]) => tensors.map((tensor) => this.known.get(tensor) ?? tensor);
    const both: Loop = {
      ...loop,
      captured: own(captured),
      carry: own(carry),
      next: next.map((tensor, i) => (this.live.has(i) ? (this.known.get(tensor) ?? this.repeat(tensor)) : tensor)),
      slices: own(slices),
      goesOn: goesOn && (this.known.get(goesOn)?.any() ?? goesOn),
    };
    this.scan = Tensor.apply("scan", { loop: both }, [
      ...ofCaptured.map((operand, i) => operand ?? scan.inputs[i]!),
      ...ofCarry.map((operand, i) => {
        const start = scan.inputs[firstCarry + i]!;
        return operand ?? (this.live.has(i) ? this.repeat(start) : start);
      }),
      ...ofSlices.map((operand, i) => (operand ? swapFirstAxes(operand) : scan.inputs[firstSlice + i]!)),
    ]);
  }

  /** With examples, what the loop was asked for. */
  of({ call }: Tensor): Tensor | undefined {
    if (call.name === "final") {
      const end = finalOf(this.scan, call.attributes.index);
      return this.live.has(call.attributes.index) ? end : this.repeat(end);
    }
    if (call.name !== "stacked") return undefined;
    const { value } = call.attributes;
    this.batch([value], this.known, this.count, parametersOf(this.loop));
    const many = this.known.get(value);
    return many ? swapFirstAxes(stackOf(this.scan, many)) : this.repeat(stackOf(this.scan, value));
  }

  private many({ shape, dtype }: Tensor): Tensor {
    return parameter([this.count, ...shape], dtype);
  }

  private repeat(tensor: Tensor): Tensor {
    return tensor.broadcast([this.count, ...tensor.shape]);
  }

  /** Finds those parts of the carry that differ between examples at the start, or come to do so. */
  private growCarry(starts: readonly (Tensor | undefined)[]): void {
    const { loop, live, known } = this;
    const seeds = new Map(known);
    for (let before = -1; before < live.size;) {
      before = live.size;
      known.clear();
      for (const [tensor, many] of seeds) known.set(tensor, many);
      this.batch([...loop.next, ...(loop.goesOn ? [loop.goesOn] : [])], known, this.count, parametersOf(loop));
      loop.carry.forEach((tensor, i) => {
        if (live.has(i) || !(starts[i] ?? known.has(loop.next[i]!))) return;
        live.add(i);
        seeds.set(tensor, this.many(tensor));
      });
    }
  }
}

const swapFirstAxes = (x: Tensor): Tensor => x.transpose([1, 0, ...x.shape.map((_, axis) => axis).slice(2)]);
