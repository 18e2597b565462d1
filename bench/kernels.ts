/** Answering a trivial cell against ipykernel, through Jupyter's own client. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kernelspec } from "../kernel/kernelspec.js";
import { peerProgram, venvPython } from "./peers/environment.js";
import { LineProcess } from "./peers/line-process.js";
import { type BenchResult, lessIsBetter, median, type Row } from "./report.js";

const CASES = [
  { name: "an expression", ours: "1 + 1", peers: "1 + 1" },
  { name: "a line of output", ours: 'console.log("x")', peers: 'print("x")' },
  { name: "a definition", ours: "function f(x: number) { return x + 1 }", peers: "def f(x): return x + 1" },
];
const CELLS = 100;

export async function kernels(): Promise<BenchResult> {
  const data = mkdtempSync(join(tmpdir(), "phasebook-bench-"));
  const folder = join(data, "kernels", "phasebook");
  mkdirSync(folder, { recursive: true });
  const root = fileURLToPath(new URL("../../", import.meta.url));
  writeFileSync(join(folder, "kernel.json"), JSON.stringify(kernelspec(process.execPath, root)));
  process.env["JUPYTER_PATH"] = data;
  const [ours, peer] = ["phasebook", "python3"].map(
    (name) => new LineProcess(venvPython, [peerProgram("cells.py"), name]),
  );
  await Promise.all([ours!.read(), peer!.read()]);
  const rows: Row[] = [];
  for (const { name, ours: cell, peers: peerCell } of CASES) {
    const times: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
    for (let i = 0; i < CELLS; i++) {
      times.ours.push(Number(await ours!.ask(JSON.stringify(cell))));
      times.peer.push(Number(await peer!.ask(JSON.stringify(peerCell))));
    }
    rows.push(lessIsBetter(name, "ms a cell, median", median(times.ours), median(times.peer), "ipykernel"));
  }
  await Promise.all([ours!.close(), peer!.close()]);
  rmSync(data, { recursive: true });
  return { rows, versions: {} };
}
