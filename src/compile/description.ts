import type { Program } from "../tensor/program.js";
import { rootsOf, topologicalOrder } from "../tensor/program.js";
import { showShape, sizeOf } from "../tensor/shape.js";
import type { Kernel } from "./fuse.js";
import { accessesOf, type Graph, isSource, type Node, spaceOf } from "./node.js";
import { partitionOf } from "./partition.js";
import { planProgram, type ProgramPlan } from "./plan.js";
import type { StagedProgram } from "./staged-program.js";
import type { PlanOptions } from "./wasm-program.js";

/** What one pass of the compiler made of a program. */
export interface PassEffect {
  readonly pass: string;
  readonly effect: string;
}

/** One function of the generated code; those of a loop's body count all its iterations. */
export interface KernelDescription {
  /** Operations, in the order in which they are computed. */
  readonly operations: string;
  /** What its loops run over. */
  readonly space: string;
  /** "block by block" in a stage that goes through the batch in blocks, "× n" in a loop of n iterations, "≤ × n" of at most n. */
  readonly repeated: string;
  /** Floating-point operations of a step: two for a multiply-add of a matrix product, one for any other operation. */
  readonly flops: number;
  /** Bytes of the tensors that it reads and writes in a step. */
  readonly bytes: number;
}

/** What the compiler makes of a program. */
export interface ProgramDescription {
  readonly passes: readonly PassEffect[];
  readonly kernels: readonly KernelDescription[];
  readonly flopsPerStep: number;
  readonly bytesPerStep: number;
  /** Inputs, state and outputs of one member. */
  readonly memberBytes: number;
  /** Scratch memory of one thread. */
  readonly threadBytes: number;
  /** Data that all members read. */
  readonly sharedBytes: number;
}

/** Compiles a program as engines do, up to code generation, and says what every pass did. */
export function describeProgram(program: Program, options: PlanOptions = {}): ProgramDescription {
  const plan = planProgram(program, options);
  const kernels = kernelsOf(plan, { times: 1, sign: "×" }).map((kernel) => ofOneMember(kernel, plan.pack));
  const total = (of: (kernel: KernelDescription) => number) => kernels.reduce((sum, kernel) => sum + of(kernel), 0);
  const { memberBytes, arenaBytes, sharedBytes } = plan.memory;
  return {
    passes: passesOf(program, plan),
    kernels,
    flopsPerStep: total(({ flops }) => flops),
    bytesPerStep: total(({ bytes }) => bytes),
    memberBytes: memberBytes / plan.pack,
    threadBytes: arenaBytes,
    sharedBytes,
  };
}

/** Its share of what a kernel does for several members at once. */
const ofOneMember = (kernel: KernelDescription, pack: number): KernelDescription => ({
  ...kernel,
  flops: kernel.flops / pack,
  bytes: kernel.bytes / pack,
});

const FUSED = "fused: a thread computes all of a member";

/** How many kernels threads divide among themselves. */
function dividedOf({ fused: { graph }, schedule }: ProgramPlan): number {
  const divided = (kernel: Kernel, blocks: number) => blocks > 1 || partitionOf(kernel, graph).parts.length > 1;
  return schedule.stages.flatMap(({ kernels, blocks }) => kernels.filter((kernel) => divided(kernel, blocks))).length;
}

function passesOf(program: Program, plan: ProgramPlan): PassEffect[] {
  const { fused, schedule, memory } = plan;
  const { graph, kernels, stored } = fused;
  const tensors = topologicalOrder(rootsOf(program)).length;
  const computed = graph.nodes.filter((node) => !isSource(node));
  const copies = graph.relayouts.size;
  const { blockedLength } = graph;
  const inBlocks = schedule.stages.reduce((sum, stage) => sum + (stage.blocks > 0 ? stage.kernels.length : 0), 0);
  const own = [...stored].reduce((sum, node) => sum + 4 * graph.layouts.get(node)!.size, 0);
  return [
    { pass: "trace", effect: `${count(tensors, "tensor")}, derivatives included` },
    {
      pass: "simplify",
      effect: `${count(computed.length - copies, "operation")} left: equal ones computed once, reshapes and the like read in place`,
    },
    {
      pass: "vectorize",
      effect:
        plan.vectors.axis === "members"
          ? `vectors run along members, ${plan.pack} at once: ${plan.vectors.reason}`
          : `vectors run along a member's own axes: ${plan.vectors.reason}`,
    },
    {
      pass: "lay out",
      effect:
        count(copies, "transposed copy", "transposed copies") +
        (blockedLength > 0
          ? `; an axis of ${blockedLength} is worked off in blocks`
          : "; nothing to work off in blocks"),
    },
    {
      pass: "fuse",
      effect: `${count(kernels.length, "kernel")}; ${computed.length - stored.size} of ${computed.length} values never leave the registers`,
    },
    {
      pass: "schedule",
      effect: `${count(schedule.stages.length, "stage")}, ${count(inBlocks, "kernel")} block by block; ${schedule.inPlace.size} of ${graph.updates.length} states updated in place`,
    },
    {
      pass: "place",
      effect: `${showBytes(own)} of values in ${showBytes(memory.arenaBytes)} of scratch memory and in the members' own`,
    },
    {
      pass: "divide",
      effect: plan.wide ? `wide: threads share ${dividedOf(plan)} of ${count(kernels.length, "kernel")}` : FUSED,
    },
  ];
}

/** How often a kernel runs; "≤ ×" where a loop around it may end before. */
interface Repetition {
  readonly times: number;
  readonly sign: "×" | "≤ ×";
}

/** Kernels in the order in which they run; those of a loop's body in place of the loop, that much more often. */
function kernelsOf({ fused, schedule, bodies }: StagedProgram, { times, sign }: Repetition): KernelDescription[] {
  return schedule.stages.flatMap(({ kernels, blocks }) =>
    kernels.flatMap((kernel) => {
      if (kernel.kind === "scan") {
        const { body, length, mayEnd } = kernel.scan;
        return kernelsOf(bodyOf(bodies, body), { times: times * length, sign: mayEnd ? "≤ ×" : sign });
      }
      const repeated = [...(blocks > 0 ? ["block by block"] : []), ...(times > 1 ? [`${sign} ${times}`] : [])].join(
        ", ",
      );
      return [describeKernel(kernel, fused.stored, repeated, times)];
    }),
  );
}

const bodyOf = (bodies: StagedProgram["bodies"], body: Graph): StagedProgram => bodies.get(body)!;

function describeKernel(kernel: Kernel, stored: ReadonlySet<Node>, repeated: string, times: number): KernelDescription {
  const own = new Set<Node>(kernel.nodes);
  const read = new Set(kernel.nodes.flatMap(accessesOf).map(({ node }) => node));
  const moved = [
    ...[...read].filter((node) => !own.has(node) && node.kind !== "constant" && node.kind !== "iota"),
    ...kernel.nodes.filter((node) => stored.has(node)),
  ];
  return {
    operations: kernel.nodes.map(nameOf).join(", "),
    space: showShape(spaceOf(kernel.nodes[0])),
    repeated,
    flops: times * kernel.nodes.reduce((sum, node) => sum + flopsOf(node), 0),
    bytes: times * moved.reduce((sum, node) => sum + 4 * sizeOf(node.shape), 0),
  };
}

/** What a node computes, for people. */
export function nameOf(node: Node): string {
  switch (node.kind) {
    case "elementwise":
      return node.call.name === "identity" ? "copy" : node.call.name;
    case "reduction":
      return node.fold;
    case "contraction":
      return "matmul";
    default:
      return node.kind;
  }
}

function flopsOf(node: Node): number {
  if (node.kind === "contraction") return 2 * sizeOf(node.space);
  if (node.kind === "reduction") return sizeOf(node.space);
  const computes = node.kind === "elementwise" && node.call.name !== "identity" && node.call.name !== "cast";
  return computes && node.dtype === "f32" ? sizeOf(node.shape) : 0;
}

const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;

/** Bytes with a binary unit, three digits. */
export function showBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]!}`;
}
