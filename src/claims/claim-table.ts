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
const UNBROKEN = 'style="text-align: left; white-space: nowrap"';

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
      const verdict = `${MARKS[claim.verdict]} ${claim.verdict}`;
      const note = claim.note ? ` (${claim.note})` : "";
      const cells = [
        `<td ${note ? LEFT : UNBROKEN}><strong>${escape(verdict + note)}</strong></td>`,
        ...[
          `${claim.id}: ${claim.statement}`,
          measuredText(claim),
          expectedText(claim),
          `${claim.kind}: ${claim.source}`,
        ].map((cell) => `<td ${LEFT}>${escape(cell)}</td>`),
      ];
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
  const many = values.length > 1 ? ` (${values.length} values)` : "";
  if (known.length === 0) return `nothing${many}`;
  const [min, max] = [Math.min(...known), Math.max(...known)];
  return `${withError([...new Set([min, max])], " … ", error ?? 0)}${unit ? ` ${unit}` : ""}${many}`;
}

function expectedText({ expected, tolerance, unit }: ClaimRecord): string {
  if (!expected) return "open";
  const { min, max } = expected;
  const sign = min === null ? "≤ " : max === null ? "≥ " : "";
  const ends = [...new Set([min, max])].filter((end) => end !== null);
  return `${sign}${withError(ends, " … ", tolerance)}${unit ? ` ${unit}` : ""}`;
}

/** Numbers with their common error, of which two digits are shown; the numbers have as many decimals as that. */
function withError(values: readonly number[], between: string, error: number): string {
  if (!(error > 0)) return values.map((value) => show(value)).join(between);
  const decimals = 1 - Math.floor(Math.log10(Number(error.toPrecision(2))));
  const largest = Math.max(error, ...values.map(Math.abs));
  if (largest < 1e-3 || largest >= 1e5 || decimals > MOST_DECIMALS) {
    return `${values.map((value) => show(value)).join(between)} ± ${show(error, 2)}`;
  }
  const shown = areWhole([...values, error]) ? 0 : Math.max(0, decimals);
  const rounded = (value: number): string => minus(value.toFixed(shown));
  return `${values.map(rounded).join(between)} ± ${rounded(error)}`;
}

/** Whether all are whole numbers, which are not measured but chosen: 0 ± 4 standard errors. */
const areWhole = (values: readonly number[]): boolean => values.every((value) => Number.isInteger(value));

/** Errors with more decimals are written as powers of ten. */
const MOST_DECIMALS = 7;

/** Significant digits as people write them: four of a value, two of an error. */
function show(value: number, digits = 4): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e5)) return minus(String(Number(value.toPrecision(digits))));
  const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
  return minus(`${Number(mantissa)}×10${superscript(Number(exponent))}`);
}

/** With the sign that is as wide as a digit, at which lines do not break; numbers of pure zeros have none. */
const minus = (number: string): string => (/[1-9]/.test(number) ? number : number.replace("-", "")).replace("-", "−");

const superscript = (exponent: number): string =>
  Array.from(String(exponent), (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)])).join("");

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
