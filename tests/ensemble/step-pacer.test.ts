/** How many steps a call of the engine takes, so that a run reports every 50 to 100 ms: with a simulated engine's clock. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { StepPacer } from "../../src/ensemble/step-pacer.js";

/** Seconds of each of `calls` calls of an engine that takes `secondsOf(step)` for a step and `overhead` for a call. */
function simulate(calls: number, secondsOf: (step: number) => number, overhead = 0.0005): number[] {
  const pacer = new StepPacer();
  let step = 0;
  return Array.from({ length: calls }, () => {
    const { steps } = pacer;
    assert.ok(Number.isInteger(steps) && steps >= 1, `${steps} steps`);
    let seconds = overhead;
    for (let i = 0; i < steps; i++) seconds += secondsOf(step++);
    pacer.measured(steps, seconds);
    return seconds;
  });
}

const assertPaced = (seconds: readonly number[]): void =>
  seconds.forEach((each, call) => assert.ok(each >= 0.05 && each <= 0.1, `call ${call} took ${each} s`));

for (const microseconds of [3, 50, 700, 9000, 26_000, 40_000, 49_000]) {
  test(`steps of ${microseconds} µs are gathered to reports every 50 to 100 ms`, () => {
    const seconds = simulate(40, () => microseconds * 1e-6);
    // It starts with one step, and takes at most four times as many as before: 8 calls reach 16,384.
    assertPaced(microseconds > 30_000 ? seconds.slice(1) : seconds.slice(9));
    assert.ok(seconds.every((each) => each <= 0.101));
  });
}

test("a step longer than the target is taken alone", () => {
  const pacer = new StepPacer();
  for (let call = 0; call < 5; call++) {
    assert.equal(pacer.steps, 1);
    pacer.measured(1, 0.7);
  }
});

test("a first call in unoptimised code does not slow the reports for long", () => {
  assertPaced(simulate(20, (step) => (step < 1 ? 0.03 : 0.0002)).slice(8));
});

test("an engine that becomes slower is noticed at the next call", () => {
  const seconds = simulate(30, (step) => (step < 2000 ? 0.0004 : 0.002));
  const slow = seconds.findIndex((each) => each > 0.1);
  assert.ok(slow > 0 && seconds[slow]! < 0.45);
  // The call in which it became slower is a mixture, and so is what is learnt from it.
  assert.ok(seconds[slow + 1]! < 0.2);
  assertPaced(seconds.slice(slow + 2));
});

test("a clock that stands still does not make steps explode", () => {
  const pacer = new StepPacer();
  for (let call = 1; call <= 5; call++) {
    pacer.measured(pacer.steps, 0);
    assert.equal(pacer.steps, 4 ** call);
  }
});
