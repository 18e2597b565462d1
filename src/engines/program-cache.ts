import { createHash } from "node:crypto";
import type { Program } from "../tensor/program.js";
import { writePrograms } from "../tensor/program-text.js";
import { RecentlyUsed } from "./recently-used.js";

const MOST_PROGRAMS = 64;

/**
 * Compiled programs by what they compute. Tracing a function again gives an equal program, so that the second training
 * of a shape starts at once, and in code that is optimised already.
 */
export class ProgramCache<Options extends object, Compiled> {
  private readonly kept = new RecentlyUsed<Compiled>(MOST_PROGRAMS);

  constructor(private readonly compile: (program: Program, options: Options) => Compiled) {}

  /** Compiles a program unless one that computes the same was compiled with the same options. */
  get(program: Program, options: Options): Compiled {
    return this.kept.get(keyOf(program, options), () => this.compile(program, options));
  }
}

function keyOf(program: Program, options: object): string {
  const hash = createHash("sha256").update(JSON.stringify(options));
  writePrograms([program], (text) => void hash.update(text));
  return hash.digest("base64");
}
