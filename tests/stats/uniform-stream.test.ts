import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { correlation, mean, uniformStream } from "../../src/stats/index.js";
import { Key } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const draw = (seed: number, count: number) => {
  const random = uniformStream(seed);
  return Array.from({ length: count }, random);
};

test("numbers are two words of the key's bits each, beyond the first chunk, too", () => {
  const words = [0, 1].flatMap((chunk) => [...Array.from(evaluate([Key.of(5).fold(chunk).bits([8192])])[0]!)]);
  const numbers = draw(5, 5000);
  for (const i of [0, 1, 4095, 4096, 4999]) {
    const [high, low] = [words[2 * i]!, words[2 * i + 1]!];
    assert.equal(numbers[i], Math.floor(high / 32) / 2 ** 27 + Math.floor(low / 64) / 2 ** 53);
  }
});

test("they are uniform and independent, and differ by seed", () => {
  const [count, numbers, others] = [20_000, draw(1, 20_000), draw(2, 20_000)];
  assertClose([mean(numbers)], [1 / 2], { absolute: 4 / Math.sqrt(12 * count) });
  assertClose([mean(numbers.map((u) => u * u))], [1 / 3], { absolute: 4 * Math.sqrt(4 / 45 / count) });
  assertClose([correlation(numbers.slice(1), numbers.slice(0, -1)), correlation(numbers, others)], [0, 0], {
    absolute: 4 / Math.sqrt(count),
  });
  assert.ok(numbers.every((u) => u >= 0 && u < 1));
  assert.throws(() => uniformStream(-1), /seed is an integer/);
});
