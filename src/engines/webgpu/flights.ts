/** Work that has been begun and not ended: at most so many pieces at a time, ended in the order in which they began. */
export class Flights {
  private readonly flying: Promise<void>[] = [];

  constructor(private readonly most: number) {}

  /** Begins a piece, and resolves when there may be another one; rejects where one has failed. */
  async begin(work: () => Promise<void>): Promise<void> {
    const flight = work();
    // Whoever waits for it next hears of a failure.
    flight.catch(() => undefined);
    this.flying.push(flight);
    if (this.flying.length >= this.most) await this.flying.shift();
  }

  /** Resolves when all have ended. */
  async landed(): Promise<void> {
    while (this.flying.length > 0) await this.flying.shift();
  }
}

/** What all pieces come to, when all have ended; rejects like the first of those that failed. */
export async function all<T extends readonly unknown[] | []>(
  pieces: T,
): Promise<{ -readonly [N in keyof T]: Awaited<T[N]> }> {
  const failed = (await Promise.allSettled(pieces)).find(({ status }) => status === "rejected");
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return Promise.all(pieces);
}
