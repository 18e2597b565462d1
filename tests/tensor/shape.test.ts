/** Misuse is refused where it is written, with operation, shapes and remedy. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { constant, DTypeError, iota, scalar, ShapeError, zeros } from "../../src/tensor/index.js";

const MISUSE: [what: string, misuse: () => unknown, error: new () => Error, message: RegExp][] = [
  [
    "matmul",
    () => zeros([2, 3]).matmul(zeros([4, 5])),
    ShapeError,
    /matmul: shapes \[2, 3\] and \[4, 5\] do not multiply/,
  ],
  [
    "broadcasting",
    () => zeros([2, 3]).add(zeros([2])),
    ShapeError,
    /add: shapes \[2, 3\] and \[2\] do not broadcast: axis 1/,
  ],
  ["reshape", () => zeros([2, 3]).reshape([4]), ShapeError, /reshape: \[2, 3\] has 6 elements, \[4\] has 4/],
  ["an axis", () => zeros([2, 3]).sum(2), ShapeError, /sum: axis 2 does not exist in a tensor with 2 axes/],
  ["a batch of none", () => zeros([0, 3]), ShapeError, /\[0, 3\] is not a shape: lengths are positive integers, got 0/],
  ["a negative length", () => zeros([-2]), ShapeError, /got -2/],
  ["slice", () => zeros([4]).slice([1], [6]), ShapeError, /slice: from \[1\] to \[6\] does not lie in shape \[4\]/],
  ["transpose", () => zeros([2, 3]).transpose([0, 0]), ShapeError, /\[0, 0\] is not a permutation of the 2 axes/],
  ["ragged lists", () => constant([[1, 2], [3]]), ShapeError, /ragged/],
  ["mixed types", () => iota([3]).add(scalar(1)), DTypeError, /add takes f32 or u32 or i32, all alike, got i32, f32/],
  [
    "exp of integers",
    () => iota([3]).exp(),
    DTypeError,
    /exp takes f32, all alike, got i32. Convert with \.cast\("f32"\)/,
  ],
];

suite("misuse", () => {
  for (const [what, misuse, error, message] of MISUSE) {
    test(what, () =>
      assert.throws(misuse, (thrown: unknown) => {
        assert.ok(thrown instanceof error, String(thrown));
        assert.match(thrown.message, message);
        assert.match(thrown.stack ?? "", /shape\.test/, "the stack names the line of the caller");
        return true;
      }),
    );
  }
});
