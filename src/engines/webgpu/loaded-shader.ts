import type { WgslProgram } from "../../compile/wgsl-program.js";
import { BINDINGS } from "../../compile/wgsl-program.js";
import { MemoryError } from "../engine.js";
import type { Device } from "./device.js";
import { DispatchClock } from "./dispatch-clock.js";
import { ShaderError } from "./errors.js";
import {
  COMPUTE,
  type GpuBindGroup,
  type GpuBindGroupLayout,
  type GpuBuffer,
  type GpuPipeline,
  USAGE,
} from "./gpu-types.js";
import { all } from "./flights.js";
import { bytesOf, type Stretch, WordCopy } from "./word-copy.js";

/** Scratch memory that all workgroups of a dispatch may take together, in bytes. */
const MOST_ARENA_BYTES = 2 ** 28;

/** Dispatches that may wait on the device at a time: while the host looks at one, the GPU has the next. */
export const IN_FLIGHT = 2;

/** Members whose regions fill one buffer. */
export interface Page {
  readonly buffer: GpuBuffer;
  readonly first: number;
  readonly members: number;
}

/** A program on a device: its pipeline, and buffers for all members. */
export class LoadedShader {
  /** Members of one dispatch. */
  readonly groupSize: number;

  private constructor(
    readonly device: Device,
    readonly program: WgslProgram,
    readonly pages: readonly Page[],
    private readonly pipeline: GpuPipeline,
    private readonly copy: WordCopy,
    private readonly bindings: readonly GpuBindGroup[],
    private readonly own: { readonly data: GpuBuffer; readonly queue: GpuBuffer; readonly steps: GpuBuffer },
    private readonly others: readonly GpuBuffer[],
    groupSize: number,
    private readonly clock: DispatchClock | undefined,
  ) {
    this.groupSize = groupSize;
  }

  static async load(device: Device, program: WgslProgram, members: number): Promise<LoadedShader> {
    const { limits } = device;
    const largest = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
    checkLimits(program, largest, device);
    const layout = layoutOf(device, program);
    const pipeline = await device.pipeline(program.code, () => compile(device, program, layout));
    const sizes = pageSizes(members, program.memberBytes, largest);
    const pageBuffers = await device.storage(
      sizes.map((count) => count * program.memberBytes),
      `${members} members of ${(program.memberBytes / 1024).toFixed(1)} KiB`,
    );
    const usesArena = program.arenaBytes > 0;
    const arenas = Math.floor(Math.min(MOST_ARENA_BYTES, largest) / Math.max(1, program.arenaBytes));
    const concurrent = usesArena ? Math.max(1, arenas) : Infinity;
    const groupSize = Math.min(members, concurrent, limits.maxComputeWorkgroupsPerDimension);
    const [data, queue] = await device.storage([program.sharedBytes, 4 * groupSize], "shared data");
    const [steps] = await device.buffers([16], USAGE.uniform | USAGE.copyTo, "arguments");
    const arena = usesArena
      ? await device.storage([groupSize * program.arenaBytes], `scratch values of ${groupSize} members`)
      : [];
    const bindings = pageBuffers.map((page) => {
      const buffers = [
        [BINDINGS.steps, steps!],
        [BINDINGS.members, page],
        [BINDINGS.data, data!],
        [BINDINGS.queue, queue!],
        ...arena.map((buffer) => [BINDINGS.arena, buffer] as const),
      ] as const;
      const entries = buffers.map(([binding, buffer]) => ({ binding, resource: { buffer } }));
      return device.gpu.createBindGroup({ layout, entries });
    });
    let first = 0;
    const pages = pageBuffers.map((buffer, i): Page => {
      const page = { buffer, first, members: sizes[i]! };
      first += sizes[i]!;
      return page;
    });
    const copy = await WordCopy.of(device);
    const own = { data: data!, queue: queue!, steps: steps! };
    const clock = await DispatchClock.create(device, IN_FLIGHT);
    return new LoadedShader(device, program, pages, pipeline, copy, bindings, own, arena, groupSize, clock);
  }

  writeData(bytes: Uint8Array): void {
    this.device.gpu.queue.writeBuffer(this.own.data, 0, bytes);
  }

  /** Words from a place in a member's region on. */
  writeMember(member: number, place: number, words: Uint32Array): void {
    const page = this.pages.findLast(({ first }) => first <= member)!;
    const at = (member - page.first) * this.program.memberBytes + 4 * place;
    this.device.gpu.queue.writeBuffer(page.buffer, at, bytesOf(words));
  }

  /** Copies values of all members from the device, as they are after what has been dispatched so far. */
  async readWords(stretches: readonly Stretch[]): Promise<void> {
    const { memberBytes } = this.program;
    await all(this.pages.map((page) => this.copy.read(page.buffer, memberBytes, within(page, stretches))));
  }

  /** Copies values of all members to the device. */
  async writeWords(stretches: readonly Stretch[]): Promise<void> {
    const { memberBytes } = this.program;
    await all(this.pages.map((page) => this.copy.write(page.buffer, memberBytes, within(page, stretches))));
  }

  /**
   * Gives a page's members to workgroups, which advance them by some steps; resolves to the seconds that it took when they
   * have. Up to {@link IN_FLIGHT} may be begun before the first has ended.
   */
  async dispatch(page: number, members: readonly number[], steps: number): Promise<number> {
    const { gpu } = this.device;
    const { first } = this.pages[page]!;
    gpu.queue.writeBuffer(this.own.queue, 0, bytesOf(Uint32Array.from(members, (member) => member - first)));
    gpu.queue.writeBuffer(this.own.steps, 0, bytesOf(Uint32Array.of(steps, 0, 0, 0)));
    const encoder = gpu.createCommandEncoder();
    const time = this.clock?.next();
    const before = performance.now();
    const pass = encoder.beginComputePass(time && { timestampWrites: time.timestampWrites });
    pass.setPipeline(this.pipeline);
    pass.setBindGroup(0, this.bindings[page]!);
    pass.dispatchWorkgroups(members.length);
    pass.end();
    time?.collect(encoder);
    gpu.queue.submit([encoder.finish()]);
    const what = `${members.length} members, ${steps} steps`;
    const waited = this.device.answer(gpu.queue.onSubmittedWorkDone(), what).then(() => performance.now() - before);
    const [measured, milliseconds] = await all([time?.seconds(), waited]);
    return measured ?? milliseconds / 1000;
  }

  dispose(): void {
    this.clock?.dispose();
    const { data, queue, steps } = this.own;
    for (const buffer of [data, queue, steps, ...this.others, ...this.pages.map((page) => page.buffer)])
      buffer.destroy();
  }
}

/** The parts of stretches that belong to a page's members. */
const within = ({ first, members }: Page, stretches: readonly Stretch[]): Stretch[] =>
  stretches.map(({ place, words, values }) => ({
    place,
    words,
    values: values.subarray(first * words, (first + members) * words),
  }));

function pageSizes(members: number, memberBytes: number, largest: number): number[] {
  const perPage = Math.floor(largest / memberBytes);
  return Array.from({ length: Math.ceil(members / perPage) }, (_, i) => Math.min(perPage, members - i * perPage));
}

function checkLimits(program: WgslProgram, largest: number, { adapter }: Device): void {
  const needs = [
    ["a member", program.memberBytes],
    ["data that all members read", program.sharedBytes],
    ["scratch values of a member", program.arenaBytes],
  ] as const;
  for (const [what, bytes] of needs) {
    if (bytes <= largest) continue;
    throw new MemoryError(
      `The program needs ${(bytes / 2 ** 20).toFixed(1)} MiB for ${what}, but a buffer of the GPU (${adapter.name}) has at most ` +
        `${(largest / 2 ** 20).toFixed(1)} MiB. Make the model or batch smaller, or use another engine.`,
    );
  }
}

function layoutOf({ gpu }: Device, { arenaBytes }: WgslProgram): GpuBindGroupLayout {
  const types = [
    [BINDINGS.steps, "uniform"],
    [BINDINGS.members, "storage"],
    [BINDINGS.data, "read-only-storage"],
    [BINDINGS.queue, "read-only-storage"],
    ...(arenaBytes > 0 ? [[BINDINGS.arena, "storage"] as const] : []),
  ] as const;
  const entries = types.map(([binding, type]) => ({ binding, visibility: COMPUTE, buffer: { type } }));
  return gpu.createBindGroupLayout({ entries });
}

async function compile(device: Device, program: WgslProgram, groups: GpuBindGroupLayout): Promise<GpuPipeline> {
  const { gpu } = device;
  const layout = gpu.createPipelineLayout({ bindGroupLayouts: [groups] });
  gpu.pushErrorScope("validation");
  const module = gpu.createShaderModule({ code: program.code, label: "program" });
  const { messages } = await device.answer(module.getCompilationInfo(), "compiling a shader");
  const error = messages.find(({ type }) => type === "error");
  let refusal: unknown;
  const pipeline = error
    ? undefined
    : await device
        .answer(
          gpu.createComputePipelineAsync({ layout, compute: { module, entryPoint: "main" } }),
          "compiling a shader",
        )
        .catch((reason: unknown) => void (refusal = reason));
  await device.answer(gpu.popErrorScope(), "compiling a shader");
  if (pipeline) return pipeline;
  if (device.isLost) throw refusal;
  throw shaderError(program, error?.lineNum ?? 0, error?.message ?? String(refusal), device);
}

function shaderError({ code, lines }: WgslProgram, line: number, message: string, { adapter }: Device): ShaderError {
  const owner = lines.find(({ first, last }) => first <= line && line <= last);
  const where = line > 0 ? ` at line ${line}: ${code.split("\n")[line - 1]!.trim()}` : "";
  const operation = owner ? ` It belongs to the tensor operations ${owner.operations}.` : "";
  return new ShaderError(
    `The driver of ${adapter.name} refused the generated shader${where} (${message.split("\n")[0]!}).${operation} ` +
      'This is a fault of the compiler; { engine: "cpu" } computes the same.',
  );
}
