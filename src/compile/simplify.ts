import type { ElementwiseOperation, OperationName } from "../tensor/operation.js";
import { operationOf } from "../tensor/operations/index.js";
import { sizeOf } from "../tensor/shape.js";
import { isIdentity } from "./access.js";
import { accessesOf, type Access, type ElementwiseNode, type NodeFields, type ReductionNode } from "./node.js";

type Elementwise = Omit<ElementwiseNode, "id">;

/**
 * Something simpler with the same values: another node's description, or an operand itself. Rules may change the sign
 * of a zero and nothing else; a NaN stays a NaN.
 */
export function simplify(fields: NodeFields): NodeFields | Access {
  if (fields.kind === "elementwise") return simplifyElementwise(fields);
  if (fields.kind === "reduction") return simplifyReduction(fields);
  return fields;
}

/** Equal for descriptions of equal values. */
export function keyOf(fields: NodeFields): string {
  const { kind, dtype, shape } = fields;
  const reads = accessesOf(fields)
    .map(({ node, map }) => {
      const indices = map.map(({ offset, terms }) =>
        [offset, ...terms.map(({ axis, scale }) => `${axis}*${scale}`)].join("+"),
      );
      return `${node.id}[${indices.join()}]`;
    })
    .join(" ");
  return `${kind} ${dtype}[${shape.join()}] ${JSON.stringify(detailsOf(fields))} ${reads}`;
}

function detailsOf(fields: NodeFields): unknown {
  switch (fields.kind) {
    case "elementwise":
      return fields.call;
    case "reduction":
      return [fields.fold, fields.axes];
    case "assembly":
      return fields.parts.map(({ space, target }) => [space, target]);
    case "gather":
      return fields.indices.map(({ limit, scales }) => [limit, scales]);
    case "scatter":
      return [fields.mode, fields.space, fields.target, fields.indices.map(({ limit, scales }) => [limit, scales])];
    case "input":
      return fields.name;
    case "data":
      return fields.data.join(); // JSON has neither infinities nor NaN.
    case "constant":
      return String(fields.value);
    case "iota":
      return fields.axis;
    default:
      return null;
  }
}

/** The value if all elements are one constant. */
const constantOf = ({ node }: Access): number | undefined => (node.kind === "constant" ? node.value : undefined);

function simplifyElementwise(fields: Elementwise): NodeFields | Access {
  const { call, operands, shape, dtype } = fields;
  const constants = operands.map(constantOf);
  if (constants.every((value) => value !== undefined)) {
    const operation = operationOf<OperationName>(call.name) as ElementwiseOperation<OperationName>;
    const types = { inputs: operands.map(({ node }) => node.dtype) };
    return { kind: "constant", shape, dtype, value: operation.reference(constants, call.attributes, types) };
  }
  return withoutNeutral(fields, constants) ?? scattered(fields) ?? fields;
}

/** x + (zeros with parts added) is x with parts added: derivatives of indexing add up in place. */
function scattered({ call, operands, shape }: Elementwise): NodeFields | undefined {
  if (call.name !== "add") return undefined;
  for (const [one, other] of [operands, operands.toReversed()]) {
    const { node, map } = one!;
    const toZeros = node.kind === "scatter" && node.mode === "add" && constantOf(node.base) === 0;
    if (toZeros && isIdentity(map, shape, node.shape)) return { ...node, base: other! };
  }
  return undefined;
}

/** x + 0, x − 0, 1 · x, x / 1 and the like are x. */
function withoutNeutral({ call, operands }: Elementwise, [a, b]: readonly (number | undefined)[]): Access | undefined {
  const [first, second] = operands;
  switch (call.name) {
    case "add":
    case "or":
    case "xor":
      return a === 0 ? second : b === 0 ? first : undefined;
    case "sub":
      return b === 0 ? first : undefined;
    case "mul":
      return a === 1 ? second : b === 1 ? first : undefined;
    case "div":
      return b === 1 ? first : undefined;
    case "shiftLeft":
    case "shiftRight":
      return call.attributes.bits === 0 ? first : undefined;
    default:
      return undefined;
  }
}

/** Folds of one constant need no loop. */
function simplifyReduction(fields: Omit<ReductionNode, "id">): NodeFields {
  const value = constantOf(fields.operand);
  if (value === undefined) return fields;
  const { shape, dtype, fold, space } = fields;
  return { kind: "constant", shape, dtype, value: fold === "sum" ? (value * sizeOf(space)) / sizeOf(shape) : value };
}
