import type { ContractionKernel } from "../fuse.js";
import type { ContractionForm } from "../layout.js";
import type { FunctionBuilder } from "./assembler.js";
import { DotProduct } from "./dot-product.js";
import type { KernelContext } from "./kernel-context.js";
import { OuterProduct } from "./outer-product.js";

/** Emits a matrix product. Every element is summed in the order of the summed axis (in a dot product: each lane). */
export function emitContractionKernel(
  f: FunctionBuilder,
  kernel: ContractionKernel,
  form: ContractionForm,
  blockedAxis: number,
  context: KernelContext,
): void {
  if (form.kind === "dot") new DotProduct(f, kernel, blockedAxis, context).emit();
  else new OuterProduct(f, kernel, blockedAxis, context).emit(form.lane, form.vector);
}
