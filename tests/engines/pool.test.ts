/** Workers that trap, hang and die: the other members go on, and what is lost is restored, rerun once and reported. */
import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { CONTROL, planMemory } from "../../src/engines/cpu/memory-plan.js";
import { WorkerPool } from "../../src/engines/cpu/pool.js";
import { MemoryError } from "../../src/engines/engine.js";
import type { WasmProgram } from "../../src/compile/wasm-program.js";

/**
 * A member has two words, a counter and a mode. `run` adds `steps` to the counter; before that a member of mode 1
 * traps, and one of mode 2 overwrites its counter and never returns.
 */
const MODULE = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 8, 1, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 0],
  ...[2, 18, 1, 3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 3, 0, 0x80, 0x80, 0x04],
  ...[3, 2, 1, 0],
  ...[7, 7, 1, 3, 0x72, 0x75, 0x6e, 0, 0],
  ...[10, 52, 1, 50, 0],
  ...[0x20, 0, 0x28, 2, 4, 0x41, 1, 0x46, 0x04, 0x40, 0x00, 0x0b], // if (mode == 1) unreachable
  ...[0x20, 0, 0x28, 2, 4, 0x41, 2, 0x46, 0x04, 0x40], // if (mode == 2) {
  ...[0x20, 0, 0x41, 0x37, 0x36, 2, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b], // counter = 55; for (;;) {} }
  ...[0x20, 0, 0x20, 0, 0x28, 2, 0, 0x20, 3, 0x6a, 0x36, 2, 0], // counter += steps
  0x0b,
]);

const PROGRAM = { memberBytes: 64, arenaBytes: 64, sharedBytes: 64, stateBytes: 8, pack: 1 } as unknown as WasmProgram;

/** Loads a member for each mode, or packs of members whose first two words are the ones that count. */
function load(pool: WorkerPool, modes: readonly number[], pack = 1) {
  const members = modes.length * pack;
  const plan = planMemory({ ...PROGRAM, pack }, members, pool.size, 2 ** 30);
  const pages = plan.totalBytes / 65536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  pool.load({
    id: 1,
    module: new WebAssembly.Module(MODULE),
    memory,
    plan,
    stateBytes: 8,
    memberBytes: 64,
    members,
    pack,
  });
  const words = (member: number) => new Int32Array(memory.buffer, plan.members + member * plan.memberStride, 2);
  modes.forEach((mode, member) => (words(member)[1] = mode));
  const control = new Int32Array(memory.buffer, plan.control, plan.shared / 4);
  return { counters: () => modes.map((_, member) => words(member)[0]), words, control };
}

/** Terminates whichever worker computes the member, as soon as it does; resolves with the worker's index. */
async function killWorkerOf(pool: WorkerPool, control: Int32Array, member: number): Promise<number> {
  for (;;) {
    const index = Array.from({ length: pool.size }, (_, i) => i).find((i) => {
      return Atomics.load(control, CONTROL.inFlight + i) === member + 1;
    });
    if (index === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
    } else {
      await pool["workers"][index]!.terminate();
      return index;
    }
  }
}

suite("a pool of two workers", () => {
  const pool = new WorkerPool(2);
  after(() => pool.dispose());
  const all = [0, 1, 2, 3, 4];

  test("advances every member once", async () => {
    const { counters } = load(pool, [0, 0, 0, 0, 0]);
    assert.deepEqual(await pool.run(1, all, 3), { failures: [] });
    assert.deepEqual(await pool.run(1, [1, 4], 10), { failures: [] });
    assert.deepEqual(counters(), [3, 13, 3, 3, 13]);
  });

  test("reports a member whose step traps, and keeps its state", async () => {
    const { counters } = load(pool, [0, 0, 1, 0, 0]);
    const { failures } = await pool.run(1, all, 5);
    assert.deepEqual(
      failures.map(({ member }) => member),
      [2],
    );
    assert.match(failures[0]!.reason, /unreachable/);
    assert.deepEqual(counters(), [5, 5, 0, 5, 5]);
  });

  test("reruns the member of a worker that died, from its state before the run", async () => {
    const { counters, words, control } = load(pool, [0, 0, 0, 2, 0]);
    const run = pool.run(1, all, 7);
    await killWorkerOf(pool, control, 3);
    words(3)[1] = 0; // whatever killed it was no fault of the member
    assert.deepEqual(await run, { failures: [] });
    assert.deepEqual(counters(), [7, 7, 7, 7, 7]);
  });

  test("reports a member that lost two workers; the others are done", async () => {
    const { counters, control } = load(pool, [0, 2, 0, 0, 0]);
    const run = pool.run(1, all, 7);
    await killWorkerOf(pool, control, 1);
    await killWorkerOf(pool, control, 1);
    const { failures } = await run;
    assert.deepEqual(failures, [{ member: 1, reason: "the worker thread ended" }]);
    assert.deepEqual(counters(), [7, 0, 7, 7, 7]);
    assert.deepEqual(await pool.run(1, [0, 2], 1), { failures: [] });
    assert.deepEqual(counters(), [8, 0, 8, 7, 7]);
  });

  test("ends a run that is aborted, keeps the states of members in the middle, and goes on", async () => {
    const { counters } = load(pool, [2, 2, 0, 0, 0]);
    const controller = new AbortController();
    const run = pool.run(1, all, 7, controller.signal);
    controller.abort(new Error("interrupted"));
    await assert.rejects(run, /interrupted/);
    assert.deepEqual(counters(), [0, 0, 0, 0, 0], "both threads were stuck with the first two");
    await assert.rejects(pool.run(1, [2], 7, controller.signal), /interrupted/);
    assert.deepEqual(await pool.run(1, [2, 3, 4], 7), { failures: [] });
    assert.deepEqual(counters(), [0, 0, 7, 7, 7]);
  });

  test("reports and restores all members of a pack that were to be advanced", async () => {
    const { counters } = load(pool, [0, 1, 0], 4);
    const { failures } = await pool.run(1, [0, 2, 4, 7, 9], 5);
    assert.deepEqual(
      failures.map(({ member }) => member),
      [4, 7],
    );
    assert.deepEqual(counters(), [5, 0, 0], "the counter is a word of each pack's first member");
  });

  test("ends the run of a program that nobody wants any more, also when a worker dies, and releases its memory then", async () => {
    const { counters, control } = load(pool, [0, 2, 0, 0, 0]);
    const run = pool.run(1, all, 7);
    const released: (number | undefined)[][] = [];
    await killWorkerOf(pool, control, 1);
    pool.unload(1, () => released.push(counters()));
    await killWorkerOf(pool, control, 1);
    assert.deepEqual(released, []);
    const { failures } = await run;
    assert.deepEqual(failures, [{ member: 1, reason: "the worker thread ended" }]);
    assert.deepEqual(released, [[7, 0, 7, 7, 7]]);
  });

  test("says so when the program is gone", async () => {
    pool.unload(1, () => undefined);
    await assert.rejects(pool.run(1, [0], 1), /The program was disposed/);
  });
});

test("a program that does not fit is refused with the numbers", () => {
  assert.throws(
    () => planMemory({ ...PROGRAM, memberBytes: 1 << 20 }, 5000, 2, 2 ** 31),
    (error: unknown) => {
      assert.ok(error instanceof MemoryError);
      assert.match(
        error.message,
        /5000 members need 500\d MiB \(1\.0 MiB a member\), but 2048 MiB are available\. At most 204\d members/,
      );
      return true;
    },
  );
  assert.throws(
    () => planMemory({ ...PROGRAM, memberBytes: 1 << 20 }, 5000, 2, 2 ** 40),
    /4096 MiB is what one WebAssembly memory can address/,
  );
});
