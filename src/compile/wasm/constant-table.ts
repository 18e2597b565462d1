/** 32-bit constants that kernels broadcast from memory, each once, from `start` in the shared region on. */
export class ConstantTable {
  private readonly indices = new Map<number, number>();

  constructor(readonly start: number) {}

  get bytes(): number {
    return 4 * this.indices.size;
  }
  /** Where a constant lies in the shared region, in bytes. */
  offset(bits: number): number {
    const index = this.indices.get(bits) ?? this.indices.size;
    this.indices.set(bits, index);
    return this.start + 4 * index;
  }
  data(): Uint8Array {
    return new Uint8Array(Int32Array.from(this.indices.keys()).buffer);
  }
}
