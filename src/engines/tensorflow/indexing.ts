import type { Addressing } from "../../tensor/operation.js";
import { limitsOf } from "../../tensor/operations/indexing.js";
import { rowMajorStrides, type Shape, sizeOf } from "../../tensor/shape.js";
import { commonCount, countOf, expand, type Members } from "./member-axis.js";
import type { TensorFlow } from "./tensorflow-types.js";

interface Place {
  readonly whole: Shape;
  readonly part: Shape;
  readonly addressing: Addressing;
}

/** Elements of each member's tensor that index tensors name. */
export function gather(tf: TensorFlow, x: Members, indices: readonly Members[], place: Place): Members {
  const own = countOf(x);
  const places = flatPlaces(tf, indices, place, own);
  const flat = tf.gather(tf.reshape(x, [-1]), tf.reshape(places, [-1]));
  return tf.reshape(flat, [countOf(places), ...place.part]);
}

/** Each member's tensor with a part put, or added, where index tensors say. */
export function scatter(
  tf: TensorFlow,
  [x, part, ...indices]: readonly Members[],
  place: Place,
  mode: "add" | "set",
): Members {
  const count = commonCount([x!, part!, ...indices]);
  const size = count * sizeOf(place.whole);
  const base = tf.reshape(expand(tf, x!, count), [size]);
  const places = tf.reshape(expand(tf, flatPlaces(tf, indices, place, count), count), [-1, 1]);
  const values = tf.reshape(expand(tf, part!, count), [-1]);
  const flat =
    mode === "add"
      ? tf.add(base, tf.scatterND(places, values, [size]))
      : tf.tensorScatterUpdate(copyOf(tf, base), places, values);
  return tf.reshape(flat, [count, ...place.whole]);
}

/** TensorFlow.js 4.22 writes what it scatters into the tensor that it is given. */
const copyOf = (tf: TensorFlow, x: Members): Members => tf.maximum(x, x);

/** Numbers of a part's elements in the tensors of `count` members, which lie one after the other: [members, elements]. */
function flatPlaces(tf: TensorFlow, indices: readonly Members[], place: Place, count: number): Members {
  const { whole, part, addressing } = place;
  const strides = rowMajorStrides(whole);
  const limits = limitsOf(addressing, whole, part);
  const elements = sizeOf(part);
  const fixed = fixedPlaces(part, addressing, strides);
  const ofMembers = Int32Array.from({ length: count * elements }, (_, i) => {
    return Math.floor(i / elements) * sizeOf(whole) + fixed[i % elements]!;
  });
  let places = tf.tensor(ofMembers, [count, elements], "int32");
  addressing.indexed.forEach((axis, k) => {
    const index = tf.reshape(indices[k]!, [countOf(indices[k]!), elements]);
    const step = tf.tensor(Int32Array.of(strides[axis]!), [1, 1], "int32");
    places = tf.add(places, tf.mul(tf.clipByValue(index, 0, limits[k]!), step));
  });
  return places;
}

/** Where the part's elements lie before indices move them. */
function fixedPlaces(part: Shape, { along }: Addressing, strides: readonly number[]): number[] {
  const own = rowMajorStrides(part);
  return Array.from({ length: sizeOf(part) }, (_, flat) =>
    along.reduce<number>((sum, axis, k) => {
      if (axis === undefined) return sum;
      return sum + (Math.floor(flat / own[axis]!) % part[axis]!) * strides[k]!;
    }, 0),
  );
}
