import type { NotebookReport } from "./report.js";

/** `, 8 of 9 claims met`; nothing where there are none. */
export function claimsTally({ claims = [] }: Pick<NotebookReport, "claims">): string {
  const met = claims.filter(({ outcome }) => outcome === "met").length;
  return claims.length === 0 ? "" : `, ${met} of ${claims.length} claims met`;
}
