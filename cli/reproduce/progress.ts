import { claimsTally } from "./tally.js";
import type { NotebookReport, Report } from "./report.js";

/** Tells people how far it is: a line that changes on a terminal, a line for each end elsewhere. */
export class Progress {
  readonly #total: number;
  readonly #running = new Map<string, string>();
  #done = 0;

  constructor(total: number) {
    this.#total = total;
  }

  cell(id: string, cell: number, cells: number): void {
    this.#running.set(id, `${id} cell ${cell}/${cells}`);
    this.#draw();
  }

  ended(report: NotebookReport): void {
    const { id, state, match, reason, seconds } = report;
    this.#running.delete(id);
    this.#done++;
    this.#clear();
    const mark = state === "ran" && match === "matched" ? "✓" : "✗";
    const time = seconds === undefined ? "" : `, ${seconds.toFixed(1)} s`;
    console.log(`${mark} ${id}: ${state}${reason ? ` (${reason})` : ""}, ${match}${claimsTally(report)}${time}`);
    for (const { id: claim, outcome, note } of report.claims ?? [])
      if (outcome !== "met") console.log(`    claim ${claim}: ${outcome}${note ? ` (${note})` : ""}`);
    for (const { name, outcome, note } of report.exercises ?? [])
      if (outcome !== "holds") console.log(`    ${name}: ${outcome}${note ? ` (${note})` : ""}`);
    for (const { title, outcome } of state === "ran" ? (report.figures ?? []) : [])
      if (outcome !== "same" && outcome !== "other settings") console.log(`    figure "${title}": ${outcome}`);
    for (const { cell } of report.texts ?? []) console.log(`    cell ${cell}: prints something else`);
    this.#draw();
  }

  finished({ exitCode }: Report, folder: string): void {
    this.#clear();
    console.log(`${folder}/report.html tells more. Exit code ${exitCode}.`);
  }

  #draw(): void {
    if (!process.stdout.isTTY) return;
    this.#clear();
    process.stdout.write([`${this.#done} of ${this.#total}`, ...this.#running.values()].join(" · "));
  }

  #clear(): void {
    if (process.stdout.isTTY) process.stdout.write("\r\x1b[K");
  }
}
