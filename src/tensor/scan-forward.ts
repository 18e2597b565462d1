import { freeTensors, type Loop, parametersOf } from "./loop.js";
import { finalOf, loopOf, parameter, stackOf } from "./scan.js";
import { Tensor } from "./tensor.js";

/** Forward mode: adds to the known tangents those of the roots, and loops that carry some, without looking into what is given. */
type Push = (
  roots: readonly Tensor[],
  known: Map<Tensor, Tensor>,
  given: ReadonlySet<Tensor>,
  loops: Map<Tensor, LoopTangents>,
) => void;

/** Tangents of what a loop computes: a loop that carries values and tangents beside each other. */
export class LoopTangents {
  /** The loop that carries both. */
  readonly scan: Tensor;
  private readonly loop: Loop;
  /** Tangents of the body's tensors. */
  private readonly known = new Map<Tensor, Tensor>();
  /** Tangents of the body's loops. */
  private readonly loops = new Map<Tensor, LoopTangents>();
  /** Number in the new carry of each tangent that is not zero. */
  private readonly places = new Map<number, number>();

  /** `tangents` are those of the scan's inputs; `undefined` stands for zero. */
  constructor(
    scan: Tensor,
    tangents: readonly (Tensor | undefined)[],
    private readonly push: Push,
  ) {
    const loop = (this.loop = loopOf(scan));
    const { captured, carry, slices, next } = loop;
    const start = captured.length;
    const [ofCaptured, ofCarry, ofSlices] = [
      tangents.slice(0, start),
      tangents.slice(start, start + carry.length),
      tangents.slice(start + carry.length),
    ];
    const seed = (tensors: readonly Tensor[], operands: readonly (Tensor | undefined)[]) =>
      tensors.flatMap((tensor, i) => {
        const operand = operands[i];
        return operand ? [{ operand, parameter: this.seed(tensor) }] : [];
      });
    const moreCaptured = seed(captured, ofCaptured);
    const moreSlices = seed(slices, ofSlices);
    this.growCarry(ofCarry);
    const live = [...this.places.keys()];
    const moreNext = live.map((i) => this.known.get(next[i]!) ?? next[i]!.zerosLike());
    const moreCarry = live.map((i) => this.known.get(carry[i]!)!);
    const more = [...moreCaptured, ...moreSlices].map((entry) => entry.parameter);
    const parameters = new Set([...parametersOf(loop), ...more, ...moreCarry]);
    const free = freeTensors([...next, ...moreNext], parameters);
    const both: Loop = {
      ...loop,
      captured: [...captured, ...moreCaptured.map((entry) => entry.parameter), ...free],
      carry: [...carry, ...moreCarry],
      next: [...next, ...moreNext],
      slices: [...slices, ...moreSlices.map((entry) => entry.parameter)],
    };
    this.scan = Tensor.apply("scan", { loop: both }, [
      ...scan.inputs.slice(0, start),
      ...moreCaptured.map(({ operand }) => operand),
      ...free,
      ...scan.inputs.slice(start, start + carry.length),
      ...live.map((i) => ofCarry[i] ?? carry[i]!.zerosLike()),
      ...scan.inputs.slice(start + carry.length),
      ...moreSlices.map(({ operand }) => operand),
    ]);
  }

  /** The tangent of something that the loop was asked for. */
  of({ call }: Tensor): Tensor | undefined {
    if (call.name === "final") {
      const place = this.places.get(call.attributes.index);
      return place === undefined ? undefined : finalOf(this.scan, place);
    }
    if (call.name !== "stacked") return undefined;
    const { value } = call.attributes;
    this.push([value], this.known, parametersOf(this.loop), this.loops);
    const tangent = this.known.get(value);
    return tangent && stackOf(this.scan, tangent);
  }

  private seed(tensor: Tensor): Tensor {
    const tangent = parameter(tensor.shape, "f32");
    this.known.set(tensor, tangent);
    return tangent;
  }

  /** Gives tangents to those parts of the carry that have one at the start, or get one in some iteration. */
  private growCarry(starts: readonly (Tensor | undefined)[]): void {
    const { loop, places, known, loops, push } = this;
    const { carry, next } = loop;
    const parameters = parametersOf(loop);
    const seeds = new Map(known);
    for (;;) {
      push(next, known, parameters, loops);
      const live = carry.flatMap((_, i) => (starts[i] || places.has(i) || known.has(next[i]!) ? [i] : []));
      if (live.length === places.size) return;
      places.clear();
      live.forEach((i, k) => places.set(i, carry.length + k));
      for (const i of live) if (!seeds.has(carry[i]!)) seeds.set(carry[i]!, parameter(carry[i]!.shape, "f32"));
      known.clear();
      loops.clear();
      for (const [tensor, tangent] of seeds) known.set(tensor, tangent);
    }
  }
}
