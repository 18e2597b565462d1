import type { ElementwiseOperation, Lowering, OperationAttributes, OperationName } from "../operation.js";
import type { ScalarBuilder } from "../scalar.js";
import { type DType, DTypeError, sameShape, ShapeError, showShape, type TensorSpec } from "../shape.js";

type Partials<Name extends OperationName> = NonNullable<ElementwiseOperation<Name>["partials"]>;

interface Definition<Name extends OperationName> {
  readonly arity: number;
  /** Element types taken, all inputs alike; absent: any. */
  readonly takes?: readonly DType[];
  /** Element type of the result; absent: that of the first input. */
  readonly gives?: DType | ((attributes: OperationAttributes[Name]) => DType);
  readonly reference: ElementwiseOperation<Name>["reference"];
  readonly lower: Lowering<Name>;
  readonly partials?: Partials<Name>;
}

/** An entry of the table for an operation that does the same to every element. */
export function elementwise<Name extends OperationName>(
  name: Name,
  definition: Definition<Name>,
): ElementwiseOperation<Name> {
  const { arity, takes, gives, reference, lower, partials } = definition;
  return {
    kind: "elementwise",
    spec(inputs, attributes): TensorSpec {
      checkInputs(name, arity, takes, inputs);
      const dtype = typeof gives === "function" ? gives(attributes) : (gives ?? inputs[0]!.dtype);
      return { shape: inputs[0]!.shape, dtype };
    },
    reference,
    lower,
    ...(partials && { partials }),
  };
}

function checkInputs(name: string, arity: number, takes: readonly DType[] | undefined, inputs: readonly TensorSpec[]) {
  const [first] = inputs;
  if (inputs.length !== arity || first === undefined) {
    throw new TypeError(`${name} takes ${arity} tensors, got ${inputs.length}.`);
  }
  for (const { shape, dtype } of inputs) {
    if (!sameShape(shape, first.shape)) {
      throw new ShapeError(`${name}: shapes ${showShape(first.shape)} and ${showShape(shape)} differ.`);
    }
    if (takes && (dtype !== first.dtype || !takes.includes(dtype))) {
      const got = inputs.map((input) => input.dtype).join(", ");
      throw new DTypeError(
        `${name} takes ${takes.join(" or ")}, all alike, got ${got}. Convert with .cast("${takes[0]}").`,
      );
    }
  }
}

/** Sum of products with constant coefficients, highest power first, by Horner's rule. */
export function polynomial<V>(s: ScalarBuilder<V>, x: V, [highest, ...rest]: readonly number[]): V {
  return horner(s, x, s.float(highest!), rest);
}

/** Like {@link polynomial} with a 1 before the coefficients, which costs no multiplication. */
export function monicPolynomial<V>(s: ScalarBuilder<V>, x: V, [highest, ...rest]: readonly number[]): V {
  return horner(s, x, s.add(x, s.float(highest!)), rest);
}

function horner<V>(s: ScalarBuilder<V>, x: V, first: V, coefficients: readonly number[]): V {
  return coefficients.reduce((sum, c) => s.multiplyAdd(sum, x, s.float(c)), first);
}
