import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("../../../bench/quiet/neighbours.c", import.meta.url));
const FIRST_LOOKS = 200;

/**
 * Other guests of the host, who are told from the speed of the processors' first-level caches (`neighbours.c` says how):
 * half of it is lost while somebody computes on the other hardware thread of a core.
 */
export class Neighbours {
  #fastest = 0;

  /** `program`: undefined where there is no C compiler; then they are not noticed. */
  private constructor(private readonly program: string | undefined) {}

  static watch(): Neighbours {
    const folder = mkdtempSync(join(tmpdir(), "phasebook-bench-"));
    process.once("exit", () => rmSync(folder, { recursive: true }));
    const program = join(folder, "neighbours");
    try {
      execFileSync("cc", ["-O2", "-march=native", "-pthread", SOURCE, "-o", program]);
    } catch {
      return new Neighbours(undefined);
    }
    const neighbours = new Neighbours(program);
    for (let i = 0; i < FIRST_LOOKS; i++) neighbours.idleShare();
    return neighbours;
  }

  get description(): string {
    return this.program ? "processor time and speed of caches" : "processor time";
  }

  /** Speed of the slowest processor's cache now, as a share of the greatest ever seen. */
  idleShare(): number {
    if (this.program === undefined) return 1;
    const speed = Number(execFileSync(this.program, [String(availableParallelism())], { encoding: "utf8" }));
    this.#fastest = Math.max(this.#fastest, speed);
    return speed / this.#fastest;
  }
}
