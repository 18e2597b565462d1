/** Dispatches on their way: how many at a time, and what becomes of failures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Flights } from "../../../src/engines/webgpu/flights.js";

test("no more fly than may, and they land in the order of their start", async () => {
  const flights = new Flights(2);
  const landings: (() => void)[] = [];
  const landed: number[] = [];
  const fly = (number: number) => () =>
    new Promise<void>((resolve) =>
      landings.push(() => {
        landed.push(number);
        resolve();
      }),
    );
  await flights.begin(fly(0));
  let second = false;
  const begun = flights.begin(fly(1)).then(() => (second = true));
  await Promise.resolve();
  assert.deepEqual([landings.length, second], [2, false]);
  landings[0]!();
  await begun;
  landings[1]!();
  await flights.landed();
  assert.deepEqual(landed, [0, 1]);
});

test("whoever waits hears of a failure, and nobody else", async () => {
  const flights = new Flights(3);
  await flights.begin(() => Promise.reject(new Error("crashed")));
  await flights.begin(() => Promise.resolve());
  await assert.rejects(flights.landed(), /crashed/);
});
