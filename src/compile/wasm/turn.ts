import { LANES } from "../vectors.js";
import { type FunctionBuilder, V128 } from "./assembler.js";
import { orderOfStores } from "./joined-vectors.js";
import type { Value } from "./lanes.js";
import type { Nest, NestOptions } from "./nest.js";
import { keyOf, offsetOf, stepOf, type Stream, streamsOf } from "./streams.js";
import type { Place, ValueEmitter } from "./value-emitter.js";

/** What is handled together, for one set of pointers: some vectors of some rows. */
export interface Turn {
  readonly vectors: number;
  /** Lanes in use of the last vector. */
  readonly lanesOfLast: number;
  /** Elements along the innermost loop. */
  readonly rows: number;
  /** Where the part of the space begins that is being emitted, along each axis that is cut. */
  readonly corner: ReadonlyMap<number, number>;
}

export const placeOf = (pointers: ReadonlyMap<string, number>, turn: Turn, vector: number, row = 0): Place => ({
  pointers,
  vector,
  row,
  corner: turn.corner,
  lanesLeft: vector === turn.vectors - 1 ? turn.lanesOfLast : LANES,
});

/** Emits the stores of one turn. */
export class TurnEmitter {
  /** True when a store overwrites what another value is computed from. */
  private readonly inPlace: boolean;

  /** `rowAxis`: the axis of which a turn has several rows. */
  constructor(
    private readonly f: FunctionBuilder,
    private readonly nest: Nest,
    private readonly options: NestOptions,
    private readonly values: ValueEmitter,
    private readonly rowAxis: number | undefined,
  ) {
    const read = new Set(nest.leaves.flatMap(streamsOf).map((stream) => `${keyOf(stream)} ${stream.start}`));
    this.inPlace = nest.stores.some(({ stream }) => read.has(`${keyOf(stream)} ${stream.start}`));
  }

  storeAll(pointers: ReadonlyMap<string, number>, turn: Turn): void {
    const { nest, inPlace } = this;
    for (const group of this.groups(pointers, turn)) {
      const whole = group.every((place) => nest.stores.every(({ stream }) => this.inOneGo(stream, place)));
      if (group.length === 1 && whole && !inPlace) this.storeDirectly(group[0]!);
      else {
        if (turn.rows > 1) for (const { value } of nest.stores) this.values.computeTogether(value, group);
        const computed = nest.stores.map(({ value }) => group.map((place) => this.compute(value, place)));
        nest.stores.forEach(({ stream }, i) => {
          for (const j of orderOfStores(group)) this.store(stream, computed[i]![j]!, group[j]!);
        });
      }
    }
  }

  /** Places of a turn that are handled together: all rows of a vector, or of a pair of vectors that may be joined. */
  groups(pointers: ReadonlyMap<string, number>, turn: Turn): Place[][] {
    const together = this.options.paired ? 2 : 1;
    return Array.from({ length: Math.ceil(turn.vectors / together) }, (_, group) => {
      const vectors = Array.from({ length: together }, (_, i) => group * together + i).filter((v) => v < turn.vectors);
      return Array.from({ length: turn.rows }, (_, row) =>
        vectors.map((vector) => placeOf(pointers, turn, vector, row)),
      ).flat();
    });
  }

  private compute(value: Value, place: Place): number {
    const local = this.f.local(V128);
    this.values.push(value, place);
    this.f.set(local);
    return local;
  }

  private storeDirectly(place: Place): void {
    const { f, nest } = this;
    for (const { stream, value } of nest.stores) {
      f.get(place.pointers.get(keyOf(stream))!);
      this.values.push(value, place);
      f.store(this.offsetOf(stream, place));
    }
  }

  private inOneGo(stream: Stream, { lanesLeft }: Place): boolean {
    const { lane, exact } = this.nest;
    return lane >= 0 && stepOf(stream, lane) === 4 && !(exact && lanesLeft < LANES);
  }

  /** Writes a vector, or as many of its lanes as belong to the row. */
  store(stream: Stream, local: number, place: Place): void {
    const { f, nest } = this;
    const pointer = place.pointers.get(keyOf(stream))!;
    const step = nest.lane < 0 ? 0 : stepOf(stream, nest.lane);
    const first = this.offsetOf(stream, place);
    if (this.inOneGo(stream, place)) f.get(pointer).get(local).store(first);
    else
      for (let lane = 0; lane < (step === 0 ? 1 : place.lanesLeft); lane++)
        f.get(pointer)
          .get(local)
          .storeLane(first + lane * step, lane);
  }

  /** Of a place's first element, from where the stream's pointer is. */
  private offsetOf(stream: Stream, { vector, row = 0 }: Place): number {
    const { lane } = this.nest;
    const ofVectors = lane < 0 ? 0 : vector * LANES * stepOf(stream, lane);
    return offsetOf(stream) + ofVectors + (row === 0 ? 0 : row * stepOf(stream, this.rowAxis!));
  }
}
