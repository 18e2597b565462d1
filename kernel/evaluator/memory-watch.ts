/** Memory that the process occupies. V8's own limit counts neither typed arrays nor other threads. */

const RELAXED_MS = 250;
const ALERT_MS = 25;

/** Calls `onExceeded` once when the process occupies more than the limit in bytes. */
export function watchMemory(limit: number, onExceeded: () => void): void {
  const look = (): void => {
    const occupied = process.memoryUsage.rss();
    if (occupied > limit) return onExceeded();
    setTimeout(look, occupied > limit / 2 ? ALERT_MS : RELAXED_MS);
  };
  look();
}
