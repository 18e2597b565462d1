import type { WgslProgram } from "../wgsl-program.js";
import { WARP } from "./code.js";

/**
 * A multiprocessor of a data-centre GPU: words that it moves in a cycle from its second cache, cycles that a barrier takes, and
 * what all members have together that it works on. With few warps it waits for memory, with few members for barriers: how much
 * longer a step then takes, {@link WAITING} says, fitted to 30 shaders on an NVIDIA H200 that had no quads yet.
 */
const STORAGE_WORDS_PER_CYCLE = 10;
const CYCLES_OF_A_BARRIER = 30;
const MULTIPROCESSOR = { bytes: 232448, bytesBeside: 1024, threads: 2048, members: 32 };
const WAITING = { warps: 22, members: 2 };
/** Members that a multiprocessor has of an ensemble of a thousand: if it holds fewer at a time, some wait for a second turn. */
const MEMBERS_OF_AN_ENSEMBLE = 8;

type Costs = Pick<WgslProgram, "work" | "threads" | "workgroupBytes">;

/** Cycles of a step, of which a multiprocessor has so many for each of its members, as far as can be told beforehand. */
export function expectedCycles({ work: { storageBytes, workgroupCycles, barriers }, ...shader }: Costs): number {
  const cycles = storageBytes / 4 / STORAGE_WORDS_PER_CYCLE + workgroupCycles + barriers * CYCLES_OF_A_BARRIER;
  const members = membersAtATime(shader);
  const warps = (members * shader.threads) / WARP;
  return cycles * (1 + WAITING.warps / warps + WAITING.members / members);
}

/** Members that share a multiprocessor, on average over the turns of an ensemble. */
function membersAtATime({ workgroupBytes, threads }: Omit<Costs, "work">): number {
  const { bytes, bytesBeside, ...most } = MULTIPROCESSOR;
  const room = Math.floor(bytes / (workgroupBytes + bytesBeside));
  const held = Math.max(1, Math.min(room, Math.floor(most.threads / threads), most.members));
  return held < MEMBERS_OF_AN_ENSEMBLE ? MEMBERS_OF_AN_ENSEMBLE / Math.ceil(MEMBERS_OF_AN_ENSEMBLE / held) : held;
}
