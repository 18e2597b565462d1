import type { NotebookReport } from "./report.js";

/** `, 8 of 9 claims met (2 by other numbers), 2 of 2 exercises hold`; nothing where there are none. */
export function claimsTally({ claims = [], exercises = [] }: Pick<NotebookReport, "claims" | "exercises">): string {
  const changed = claims.filter(({ outcome }) => outcome === "changed").length;
  const met = claims.filter(({ outcome }) => outcome === "met").length + changed;
  const hold = exercises.filter(({ outcome }) => outcome === "holds").length;
  return [
    claims.length === 0 ? "" : `, ${met} of ${claims.length} claims met`,
    changed === 0 ? "" : ` (${changed} by other numbers)`,
    exercises.length === 0 ? "" : `, ${hold} of ${exercises.length} exercises hold`,
  ].join("");
}
