import type { WgslProgram } from "../wgsl-program.js";
import { WARP } from "./code.js";

/**
 * A multiprocessor of a data-centre GPU: words that it moves in a cycle from its second cache, cycles that a barrier takes, and
 * what all members have together that it works on. With few warps it waits for memory, with few members for barriers: how much
 * longer a step then takes, {@link WAITING} says, fitted to 30 shaders on an NVIDIA H200 that had no quads yet.
 */
const STORAGE_WORDS_PER_CYCLE = 10;
const CYCLES_OF_A_BARRIER = 30;
const MULTIPROCESSOR = { bytes: 232448, bytesBeside: 1024, threads: 2048, members: 32, registers: 65536 };
const WAITING = { warps: 22, members: 2 };
/** Registers of a thread that holds many sums, and how many it cannot, by NVIDIA's offline compiler for the same architecture. */
const REGISTERS = { few: 24, ofThread: 48, ofSum: 2, mostSums: 100 };
/** Members that a multiprocessor has of an ensemble of a thousand: if it holds fewer at a time, some wait for a second turn. */
const MEMBERS_OF_AN_ENSEMBLE = 8;

type Costs = Pick<WgslProgram, "work" | "threads" | "setAsideBytes">;
type Needs = Omit<Costs, "work"> & { readonly sums: number };

/**
 * Cycles of a step, of which a multiprocessor has so many for each of its members, as far as can be told beforehand; by the memory
 * that was set aside, as that of the shaders was to which this is fitted.
 */
export function expectedCycles({ work, ...shader }: Costs): number {
  const { storageBytes, workgroupCycles, barriers, sums } = work;
  if (sums > REGISTERS.mostSums) return Infinity;
  const cycles = storageBytes / 4 / STORAGE_WORDS_PER_CYCLE + workgroupCycles + barriers * CYCLES_OF_A_BARRIER;
  const members = membersAtATime({ ...shader, sums });
  const warps = (members * shader.threads) / WARP;
  return cycles * (1 + WAITING.warps / warps + WAITING.members / members);
}

/** Members that share a multiprocessor, on average over the turns of an ensemble. */
function membersAtATime({ setAsideBytes, threads, sums }: Needs): number {
  const { bytes, bytesBeside, ...most } = MULTIPROCESSOR;
  const room = Math.floor(bytes / (setAsideBytes + bytesBeside));
  const registers = sums > REGISTERS.few ? REGISTERS.ofThread + REGISTERS.ofSum * sums : 0;
  const byRegisters = registers > 0 ? Math.floor(most.registers / registers / threads) : Infinity;
  const held = Math.max(1, Math.min(room, byRegisters, Math.floor(most.threads / threads), most.members));
  return held < MEMBERS_OF_AN_ENSEMBLE ? MEMBERS_OF_AN_ENSEMBLE / Math.ceil(MEMBERS_OF_AN_ENSEMBLE / held) : held;
}
