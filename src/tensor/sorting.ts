/** Sorting, put together from comparisons, counts and gathers. */
import { normaliseAxis } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** Rows up to this length are sorted by comparing all pairs, which runs in vectors. */
const LONGEST_BY_PAIRS = 256;

export function sort(x: Tensor, axis: number): Tensor {
  return x.takeAlongAxis(argsort(x.stopGradient(), axis), axis);
}

export function argsort(x: Tensor, axis: number): Tensor {
  const at = normaliseAxis("argsort", axis, x.rank);
  const length = x.shape[at]!;
  const order = x.shape.map((_, k) => k).filter((k) => k !== at);
  const rows = x.transpose([...order, at]);
  const flat = rows.reshape([x.size / length, length]);
  const sorted = permutationOf(ranks(flat)).reshape(rows.shape);
  return sorted.transpose(x.shape.map((_, k) => (k === at ? x.rank - 1 : order.indexOf(k))));
}

/** For each element of rows the number of those that come before it when sorted. */
function ranks(rows: Tensor): Tensor {
  const length = rows.shape[1]!;
  if (length <= LONGEST_BY_PAIRS) return ranksByPairs(rows);
  const half = Math.ceil(length / 2);
  const count = rows.shape[0]!;
  const [left, right] = [rows.slice([0, 0], [count, half]), rows.slice([0, half])];
  const [leftRanks, rightRanks] = [ranks(left), ranks(right)];
  const before = (sorted: Tensor, x: Tensor, orEqual: boolean) => countBefore(sorted, x, orEqual);
  const sortedRow = (part: Tensor, order: Tensor) => part.takeAlongAxis(permutationOf(order), 1);
  return leftRanks
    .add(before(sortedRow(right, rightRanks), left, false))
    .concat([rightRanks.add(before(sortedRow(left, leftRanks), right, true))], 1);
}

function ranksByPairs(rows: Tensor): Tensor {
  const [count, length] = [rows.shape[0]!, rows.shape[1]!];
  const [own, other] = [rows.reshape([count, length, 1]), rows.reshape([count, 1, length])];
  const pairs = [count, length, length];
  const numbers = rows.indices(1, "i32");
  const later = numbers
    .reshape([count, 1, length])
    .less(numbers.reshape([count, length, 1]))
    .broadcast(pairs);
  const first = comesBefore(other, own).or(comesBefore(own, other).not().and(later));
  return first.cast("f32").sum(2).cast("i32");
}

/** a < b, with NaN larger than any number. */
const comesBefore = (a: Tensor, b: Tensor): Tensor =>
  a.dtype === "f32" ? a.less(b).or(b.equal(b).not().and(a.equal(a))) : a.less(b);

/** How many elements of sorted rows come before each of x (or are its equals): a search by halves. */
function countBefore(sorted: Tensor, x: Tensor, orEqual: boolean): Tensor {
  const length = sorted.shape[1]!;
  let low = x.indices(1, "i32").zerosLike();
  let high = low.add(length);
  for (let reach = length; reach > 0; reach = Math.floor(reach / 2)) {
    const middle = low.add(high).shiftRight(1);
    const value = sorted.takeAlongAxis(middle, 1);
    const before = orEqual ? comesBefore(x, value).not() : comesBefore(value, x);
    const open = low.less(high);
    low = open.and(before).select(middle.add(1), low);
    high = open.and(before.not()).select(middle, high);
  }
  return low;
}

/** The numbers of elements in the order of their ranks. */
function permutationOf(order: Tensor): Tensor {
  const addressing = { along: [0, undefined], indexed: [1] };
  return order.zerosLike().scatter(order.indices(1, "i32"), [order], addressing, "set");
}
