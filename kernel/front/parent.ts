const POLL_MS = 1000;

/**
 * Calls `run` once when the process that started this one has ended: a kernel without its server is of no use.
 *
 * @param server Process id of the server. It may have ended before this process could look who its parent is.
 */
export function onParentGone(server: number, run: () => void): void {
  const parent = process.ppid;
  const isGone = (): boolean => process.ppid !== parent || (parent !== server && !isAlive(server));
  const timer = setInterval(() => {
    if (!isGone()) return;
    clearInterval(timer);
    run();
  }, POLL_MS);
  timer.unref();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It may belong to somebody else, who may not be asked.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
