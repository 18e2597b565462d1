/** A fresh run of a notebook against its committed outputs. */
import { type ArrayDifference, figureDifference } from "../../src/figures/index.js";
import { CLAIMS_MIME, type ClaimRecord, FIGURE_MIME, type FigurePayload } from "../../src/protocol.js";
import {
  claimsOf,
  codeCells,
  type Execution,
  type Notebook,
  type Output,
  outputsOf,
  type Settings,
  textOf,
} from "../notebooks/notebook.js";

/**
 * `met`: as expected, or open. `changed`: as expected, but not what the committed notebook measured with the same settings.
 * `missing`: claimed by the committed notebook and not by the run.
 */
export type ClaimOutcome = "met" | "failed" | "inconclusive" | "changed" | "missing";

export interface ClaimComparison {
  readonly id: string;
  readonly outcome: ClaimOutcome;
  readonly claim: ClaimRecord;
  readonly committed?: ClaimRecord;
  readonly note?: string;
}

export interface FigureComparison {
  readonly title: string;
  /** `other settings`: nothing to compare with; `new`: the committed notebook has no such figure. */
  readonly outcome: "same" | "differs" | "missing" | "new" | "other settings";
  /** Arrays beyond their tolerance. */
  readonly differences: readonly ArrayDifference[];
  /** Pictures, as SVG documents. */
  readonly before?: string;
  readonly after?: string;
}

/** A printed text whose numbers are not those of the committed notebook. */
export interface TextDifference {
  readonly cell: number;
  readonly before: string;
  readonly after: string;
}

export interface Comparison {
  readonly claims: readonly ClaimComparison[];
  readonly figures: readonly FigureComparison[];
  readonly texts: readonly TextDifference[];
}

/** Engines that give the same bits whenever program and seed are the same. */
const DETERMINISTIC = new Set(["cpu", "reference"]);

/** Whether two runs must give the same numbers. */
export function comparable(committed: Execution | undefined, settings: Settings): boolean {
  if (!committed || !DETERMINISTIC.has(settings.engine)) return false;
  const { size, seed, engine } = settings;
  return committed.size === size && committed.seed === seed && committed.engine === engine;
}

export interface CompareOptions {
  /** Whether the settings of both are the same, so that the numbers must be, too. */
  readonly same: boolean;
  /** Whether all cells ran; else what is missing is no difference. */
  readonly whole: boolean;
}

export function compareNotebooks(committed: Notebook, fresh: Notebook, { same, whole }: CompareOptions): Comparison {
  const present = ({ outcome }: { outcome: string }) => whole || outcome !== "missing";
  return {
    claims: compareClaims(claimsOf(committed), claimsOf(fresh), same).filter(present),
    figures: compareFigures(committed, fresh, same).filter(present),
    texts: same && whole ? compareTexts(committed, fresh) : [],
  };
}

function compareClaims(committed: ClaimRecord[], fresh: ClaimRecord[], same: boolean): ClaimComparison[] {
  const before = new Map(committed.map((claim) => [claim.id, claim]));
  const after = new Set(fresh.map(({ id }) => id));
  const missing = committed.filter(({ id }) => !after.has(id));
  return [
    ...fresh.map((claim) => compareClaim(claim, before.get(claim.id), same)),
    ...missing.map((claim) => ({ id: claim.id, claim, committed: claim, outcome: "missing" as const })),
  ];
}

function compareClaim(claim: ClaimRecord, committed: ClaimRecord | undefined, same: boolean): ClaimComparison {
  const both = { id: claim.id, claim, ...(committed && { committed }) };
  const note = claim.note === undefined ? {} : { note: claim.note };
  if (claim.verdict === "disagrees") return { ...both, ...note, outcome: "failed" };
  if (claim.verdict === "inconclusive") return { ...both, ...note, outcome: "inconclusive" };
  if (!committed) return { ...both, note: "the committed notebook does not have it", outcome: "met" };
  const change = same ? changeOf(committed, claim) : undefined;
  return change === undefined ? { ...both, outcome: "met" } : { ...both, note: change, outcome: "changed" };
}

/** Share of a value that may change where numbers must be the same and no tolerance says more. */
const RELATIVE_TOLERANCE = 1e-5;

/** What the committed notebook measured instead; undefined where the numbers are the same. */
function changeOf(committed: ClaimRecord, claim: ClaimRecord): string | undefined {
  const [old, fresh] = [committed.measured.values, claim.measured.values];
  if (old.length !== fresh.length) return `${fresh.length} values; the committed notebook has ${old.length}`;
  const close = (x: number, y: number) =>
    Math.abs(x - y) <= Math.max(claim.tolerance, RELATIVE_TOLERANCE * Math.max(Math.abs(x), Math.abs(y)));
  const first = old.findIndex((x, i) => x !== fresh[i] && !close(x ?? NaN, fresh[i] ?? NaN));
  if (first === -1) return undefined;
  const [before, now] = [old, fresh].map((values) => values[first]?.toPrecision(8) ?? "no number");
  return `${now} where the committed notebook measured ${before}`;
}

function compareFigures(committed: Notebook, fresh: Notebook, same: boolean): FigureComparison[] {
  const [before, after] = [figureOutputs(committed), figureOutputs(fresh)];
  return Array.from({ length: Math.max(before.length, after.length) }, (_, i) =>
    compareFigure(before[i], after[i], i + 1, same),
  );
}

function compareFigure(
  before: Output | undefined,
  after: Output | undefined,
  number: number,
  same: boolean,
): FigureComparison {
  const [old, fresh] = [before, after].map((output) => output?.data?.[FIGURE_MIME] as FigurePayload | undefined);
  const [svgBefore, svgAfter] = [before, after].map((output) => pictureOf(output));
  const title = (fresh ?? old)?.title ?? `Figure ${number}`;
  const figure = { title, ...(svgBefore && { before: svgBefore }), ...(svgAfter && { after: svgAfter }) };
  if (!fresh) return { ...figure, outcome: "missing", differences: [] };
  if (!old) return { ...figure, outcome: "new", differences: [] };
  if (!same) return { ...figure, outcome: "other settings", differences: [] };
  const differences = figureDifference(old, fresh).filter(({ largest, tolerance }) => largest > tolerance);
  return { ...figure, outcome: differences.length > 0 ? "differs" : "same", differences };
}

const figureOutputs = (notebook: Notebook): Output[] => outputsOf(notebook).filter(({ data }) => data?.[FIGURE_MIME]);

function pictureOf(output: Output | undefined): string | undefined {
  const picture = output?.data?.["image/svg+xml"];
  return picture === undefined ? undefined : textOf(picture as string | string[]);
}

/** Printed text and plain values, cell by cell; figures and claims are compared as data. */
function compareTexts(committed: Notebook, fresh: Notebook): TextDifference[] {
  const [before, after] = [committed, fresh].map((notebook) =>
    codeCells(notebook).map(({ outputs }) => printed(outputs)),
  );
  return after!.flatMap((text, i) => {
    const old = before?.[i] ?? "";
    return sameText(old, text) ? [] : [{ cell: i + 1, before: old, after: text }];
  });
}

function printed(outputs: readonly Output[] = []): string {
  const texts = outputs.map(({ text, data }) => {
    if (text !== undefined) return textOf(text);
    if (!data || data[FIGURE_MIME] || data[CLAIMS_MIME]) return "";
    return textOf(data["text/plain"] as string | string[] | undefined);
  });
  return texts.filter(Boolean).join("\n");
}

const NUMBER = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi;

/** The same words, and numbers that agree to five digits. */
function sameText(a: string, b: string): boolean {
  const [wordsA, wordsB] = [a, b].map((text) => text.replace(NUMBER, "#").replace(/\s+/g, " "));
  if (wordsA !== wordsB) return false;
  const [old, fresh] = [a, b].map((text) => (text.match(NUMBER) ?? []).map(Number));
  return old!.every((x, i) => Math.abs(x - fresh![i]!) <= RELATIVE_TOLERANCE * Math.max(Math.abs(x), 1e-12));
}
