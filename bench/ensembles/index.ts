import type { BenchResult } from "../report.js";
import { CASES, nameOf } from "./cases.js";
import { speed } from "./speed.js";

/**
 * Training ensembles on the CPU against JAX: the same networks, batch, loss and Adam. `only`: parts of the names of
 * cases to run; default: all.
 */
export async function ensembles(only: readonly string[]): Promise<BenchResult> {
  const chosen = CASES.filter((one) => only.length === 0 || only.some((part) => nameOf(one).includes(part)));
  return speed(chosen);
}
