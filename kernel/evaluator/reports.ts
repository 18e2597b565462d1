/** The pipe to the front process, written synchronously: what a cell printed has left before its thread is stuck or dies. */
import { writevSync } from "node:fs";
import { encodeFrame } from "../link/frames.js";
import { PIPES, type Report } from "../link/messages.js";

let beforeReport: () => void = () => undefined;

/** Sends a report after whatever `setBeforeReport`'s function sends, so that text and other outputs keep their order. */
export function report(header: Report, parts: readonly Uint8Array[] = []): void {
  beforeReport();
  sendNow(header, parts);
}

/** Sends a report without the function of `setBeforeReport`. */
export function sendNow(header: Report, parts: readonly Uint8Array[] = []): void {
  let chunks = encodeFrame(header, parts).filter((chunk) => chunk.byteLength > 0);
  while (chunks.length > 0) chunks = unwritten(chunks, writevSync(PIPES.reports, chunks));
}

export function setBeforeReport(run: () => void): void {
  beforeReport = run;
}

function unwritten(chunks: Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  return chunks.flatMap((chunk) => {
    const rest = chunk.subarray(Math.min(skip, chunk.byteLength));
    skip -= chunk.byteLength - rest.byteLength;
    return rest.byteLength > 0 ? [rest] : [];
  });
}
