const POLL_MS = 1000;

/** Calls `run` once when the process that started this one has ended: a kernel without its server is of no use. */
export function onParentGone(run: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    run();
  }, POLL_MS);
  timer.unref();
}
