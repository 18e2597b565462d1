import { availableParallelism } from "node:os";
import {
  describeProgram,
  type KernelDescription,
  type PassEffect,
  type ProgramDescription,
  showBytes,
} from "../compile/description.js";
import { DISPLAY_METHOD, type MimeBundle } from "../protocol.js";
import type { Program } from "../tensor/program.js";
import { chooseMode } from "./cpu/mode.js";

/** Notebooks align table cells to the right, which is for numbers. */
const LEFT = 'style="text-align: left"';

/** What the compiler makes of a program: tables in a notebook, text elsewhere. */
export class Explanation implements ProgramDescription {
  /** What each pass did, in their order. */
  readonly passes: readonly PassEffect[];
  /** Functions of the generated code, in the order in which they run. */
  readonly kernels: readonly KernelDescription[];
  readonly flopsPerStep: number;
  readonly bytesPerStep: number;
  readonly memberBytes: number;
  readonly threadBytes: number;
  readonly sharedBytes: number;

  constructor(description: ProgramDescription) {
    this.passes = description.passes;
    this.kernels = description.kernels;
    this.flopsPerStep = description.flopsPerStep;
    this.bytesPerStep = description.bytesPerStep;
    this.memberBytes = description.memberBytes;
    this.threadBytes = description.threadBytes;
    this.sharedBytes = description.sharedBytes;
  }

  [DISPLAY_METHOD](): MimeBundle {
    return { "text/html": this.toHTML(), "text/plain": this.toString() };
  }

  /** How Node shows it. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  toString(): string {
    const passes = this.passes.map(({ pass, effect }) => `  ${pass.padEnd(9)} ${effect}`);
    const kernels = this.kernels.map(({ operations, space, repeated, flops, bytes }) => {
      const numbers = `${showCount(flops).padStart(7)} flop ${showBytes(bytes).padStart(9)}`;
      return `  ${numbers}  ${space} ${operations}${repeated ? ` (${repeated})` : ""}`;
    });
    return [this.summary(), "Passes", ...passes, "Kernels", ...kernels].join("\n");
  }

  toHTML(): string {
    const passes = this.passes.map(({ pass, effect }) => rowOf([text(pass), text(effect)]));
    const kernels = this.kernels.map(({ operations, space, repeated, flops, bytes }) =>
      rowOf([text(operations), text(space), text(repeated), cell(showCount(flops)), cell(showBytes(bytes))]),
    );
    return (
      `<p>${escape(this.summary())}</p>` +
      tableOf(["Pass", "Effect"], passes) +
      tableOf(["Kernel", "Space", "Repeated", "flop", "Bytes"], kernels)
    );
  }

  private summary(): string {
    const memory = `${showBytes(this.memberBytes)} a member, ${showBytes(this.threadBytes)} a thread, ${showBytes(this.sharedBytes)} shared`;
    return `${showCount(this.flopsPerStep)} flop and ${showBytes(this.bytesPerStep)} moved a step; memory: ${memory}`;
  }
}

/**
 * Says what the CPU engine's compiler makes of a program: the effect of each pass, the kernels with their
 * floating-point operations and bytes, and the memory for each member and each thread. Nothing is run. How threads divide
 * the work depends on the number of members (default: 256) and threads (default: one for each processor).
 *
 * Programs of trainings are `run.program`. As the value of a notebook's cell, the explanation is shown as tables.
 * @example
 * const x = Key.of(0).normal([64, 3]);
 * explain({ inputs: [], updates: [], outputs: [{ name: "gram", value: x.transpose().matmul(x) }] })
 */
export function explain(program: Program, { members = 256, threads = availableParallelism() } = {}): Explanation {
  const { mode, reason } = chooseMode(program, members, threads);
  const { passes, ...description } = describeProgram(program, { wide: mode === "wide" });
  const because = ({ pass, effect }: PassEffect) =>
    pass === "divide" && effect.startsWith(mode) ? { pass, effect: `${effect}, as ${reason}` } : { pass, effect };
  return new Explanation({ ...description, passes: passes.map(because) });
}

/** A count with a metric unit, three digits. */
function showCount(value: number): string {
  const units = ["", " k", " M", " G", " T"];
  const unit = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** unit).toPrecision(3))}${units[unit]!}`;
}

const cell = (content: string): string => `<td>${escape(content)}</td>`;
const text = (content: string): string => `<td ${LEFT}>${escape(content)}</td>`;
const rowOf = (cells: readonly string[]): string => `<tr>${cells.join("")}</tr>`;

function tableOf(titles: readonly string[], rows: readonly string[]): string {
  const head = titles.map((title) => `<th ${LEFT}>${title}</th>`).join("");
  return `<table class="phasebook-explanation"><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
