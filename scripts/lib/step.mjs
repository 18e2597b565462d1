/**
 * One step of the setup: does its work unless the result is there already, and shows either on a line of its own.
 *
 * @param {string} title what is there afterwards
 * @param {{ isCurrent: () => boolean, work: () => Promise<void> }} step
 */
export async function step(title, { isCurrent, work }) {
  if (isCurrent()) {
    console.log(`✓ ${title}`);
    return;
  }
  console.log(`… ${title}`);
  const begin = performance.now();
  await work();
  console.log(`✓ ${title} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
}
