/** Members that are computed in one call, of those that lie side by side in one region. */
export interface Task {
  readonly pack: number;
  /** Bit i stands for the member in place i. Places behind the last member count as wanted. */
  readonly wanted: number;
}

/** All members of a pack. */
export const everyone = (size: number): number => (1 << size) - 1;

/** The packs that hold the given members, each once, in the order of their first ones; `total` members exist. */
export function tasksFor(members: readonly number[], size: number, total: number): Task[] {
  const wanted = new Map<number, number>();
  for (const member of members) {
    const pack = Math.floor(member / size);
    const beyond = everyone(size) & ~everyone(Math.min(size, total - pack * size));
    wanted.set(pack, (wanted.get(pack) ?? beyond) | (1 << (member % size)));
  }
  return Array.from(wanted, ([pack, bits]) => ({ pack, wanted: bits }));
}

/** Puts back what a call did to members that were not asked for: words of the region belong to places in turn. */
export function restoreOthers(region: Int32Array, before: Int32Array, size: number, wanted: number): void {
  for (let place = 0; place < size; place++) {
    if ((wanted >> place) & 1) continue;
    for (let word = place; word < region.length; word += size) region[word] = before[word]!;
  }
}
