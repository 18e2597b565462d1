/** Misuse is refused where it is written, with operation, shapes and remedy. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { constant, DTypeError, input, iota, scalar, ShapeError, zeros } from "../../src/tensor/index.js";

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
  [
    "a length that is only known later",
    () => zeros([scalar(3) as unknown as number]),
    ShapeError,
    /lengths are numbers that are known while tracing, got Tensor f32\[\] \(constant\)/,
  ],
  [
    "more elements than can be counted",
    () => zeros([2 ** 16, 1]).mul(zeros([2 ** 16])),
    ShapeError,
    /broadcast: a tensor of shape \[65536, 65536\] has 4294967296 elements; at most 2\^31 - 1/,
  ],
  ["an input of negative length", () => input("x", [-1]), ShapeError, /input: \[-1\] is not a shape/],
  [
    "a matrix product that explodes",
    () => zeros([2 ** 20, 1]).matmul(zeros([1, 2 ** 20])),
    ShapeError,
    /1048576, 1048576/,
  ],
  [
    "a constant of no numbers",
    () => constant(["1"] as unknown as number[]),
    TypeError,
    /element 0 is 1; .* made of numbers/,
  ],
  ["floats as indices", () => zeros([4]).take(zeros([2])), DTypeError, /take takes u32 or i32 indices, got f32/],
  [
    "indices that do not fit",
    () => zeros([4, 3]).takeAlongAxis(iota([5, 1]), 1),
    ShapeError,
    /\[4, 3\] takes indices .* got \[5, 1\]/,
  ],
  [
    "a part that does not fit",
    () => zeros([4]).dynamicSlice([0], [5]),
    ShapeError,
    /\[5\] at 1 coordinates does not lie in \[4\]/,
  ],
  ["a step of none", () => zeros([4]).slice([0], [4], [0]), ShapeError, /steps are positive integers, .* got \[0\]/],
  ["half an index", () => zeros([4]).slice([0.5], [4]), ShapeError, /from \[0.5\] to \[4\] does not lie/],
  [
    "convolve",
    () => zeros([1, 4, 2]).convolve(zeros([3, 5, 1])),
    ShapeError,
    /takes a kernel \[\.\.\.window, 2, outputs\]/,
  ],
  [
    "a window that is too large",
    () => zeros([1, 4, 2]).convolve(zeros([5, 2, 1])),
    ShapeError,
    /window of \[5\] does not fit into \[4\]/,
  ],
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
