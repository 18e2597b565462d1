import type { Operation, OperationName } from "../operation.js";
import { arithmetic } from "./arithmetic.js";
import { conversion } from "./conversion.js";
import { indexing } from "./indexing.js";
import { loops } from "./loops.js";
import { logic } from "./logic.js";
import { random } from "./random.js";
import { reduction } from "./reduction.js";
import { structure } from "./structure.js";
import { transcendental } from "./transcendental.js";

/**
 * The one table of operations: shape rule, float64 reference, lowering to lane arithmetic, derivatives. Tests iterate
 * it; every engine runs what it lists.
 */
export const operations: { readonly [Name in OperationName]: Operation<Name> } = {
  ...arithmetic,
  ...transcendental,
  ...logic,
  ...conversion,
  ...random,
  ...structure,
  ...indexing,
  ...reduction,
  ...loops,
};

/** The table's entry for a name known only at run time. */
export function operationOf<Name extends OperationName>(name: Name): Operation<Name> {
  return operations[name];
}
