import {
  CLAIMS_MIME,
  type ClaimRecord,
  DISPLAY_METHOD,
  type Json,
  type MimeBundle,
  type Verdict,
} from "../protocol.js";

const MARKS: Record<Verdict, string> = { agrees: "✓", disagrees: "✗", inconclusive: "?", measured: "·" };

/** Notebooks align table cells to the right, which is for numbers. */
const LEFT = 'style="text-align: left"';

/** Claims with their verdicts: a table in the notebook, and data in its output. */
export class ClaimTable {
  readonly claims: readonly ClaimRecord[];

  constructor(claims: readonly ClaimRecord[]) {
    const ids = claims.map(({ id }) => id);
    const twice = ids.find((id, i) => ids.indexOf(id) !== i);
    if (twice !== undefined) throw new RangeError(`Two claims are called "${twice}".`);
    this.claims = claims;
  }

  /** Whether no claim disagrees or is inconclusive. */
  get holds(): boolean {
    return this.claims.every(({ verdict }) => verdict === "agrees" || verdict === "measured");
  }

  [DISPLAY_METHOD](): MimeBundle {
    return {
      [CLAIMS_MIME]: this.claims as unknown as Json,
      "text/html": this.toHTML(),
      "text/plain": this.toString(),
    };
  }

  toHTML(): string {
    const head = ["", "Claim", "Measured", "Expected", "Source"].map((title) => `<th ${LEFT}>${title}</th>`).join("");
    const rows = this.claims.map((claim) => {
      const verdict = `${MARKS[claim.verdict]} ${claim.verdict}${claim.note ? ` (${claim.note})` : ""}`;
      const cells = [
        `<strong>${escape(verdict)}</strong>`,
        escape(`${claim.id}: ${claim.statement}`),
        escape(measuredText(claim)),
        escape(expectedText(claim)),
        escape(`${claim.kind}: ${claim.source}`),
      ].map((cell) => `<td ${LEFT}>${cell}</td>`);
      return `<tr>${cells.join("")}</tr>`;
    });
    return `<table class="phasebook-claims"><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
  }

  toString(): string {
    return this.claims
      .map((claim) => {
        const { verdict, id, statement, note } = claim;
        const why = note ? ` (${note})` : "";
        return `${MARKS[verdict]} ${verdict}${why}  ${id}: ${statement}\n    measured ${measuredText(claim)}, expected ${expectedText(claim)}`;
      })
      .join("\n");
  }
}

/** A table of claims; the value of a notebook's cell. */
export function claimTable(...claims: readonly ClaimRecord[]): ClaimTable {
  return new ClaimTable(claims);
}

/** Measured and expected value as people read them. */
export function claimRow(claim: ClaimRecord): { measured: string; expected: string } {
  return { measured: measuredText(claim), expected: expectedText(claim) };
}

function measuredText({ measured: { values, error }, unit }: ClaimRecord): string {
  const known = values.filter((value) => value !== null);
  const number = known.length === 0 ? "nothing" : rangeText(Math.min(...known), Math.max(...known));
  const many = values.length > 1 ? ` (${values.length} values)` : "";
  return `${number}${error === null ? "" : ` ± ${show(error, 2)}`}${unit ? ` ${unit}` : ""}${many}`;
}

function expectedText({ expected, tolerance, unit }: ClaimRecord): string {
  if (!expected) return "open";
  const { min, max } = expected;
  const range = min === null ? `≤ ${show(max!)}` : max === null ? `≥ ${show(min)}` : rangeText(min, max);
  return `${range}${tolerance > 0 ? ` ± ${show(tolerance, 2)}` : ""}${unit ? ` ${unit}` : ""}`;
}

function rangeText(min: number, max: number): string {
  return min === max ? show(min) : `${show(min)} … ${show(max)}`;
}

/** Significant digits as people write them: four of a value, two of an error. */
function show(value: number, digits = 4): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(digits - 1);
  return String(Number(value.toPrecision(digits)));
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
