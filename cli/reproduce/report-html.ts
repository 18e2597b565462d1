/** The report as one page that needs nothing else. */
import { claimRow } from "../../src/claims/index.js";
import type { ExerciseResult } from "./check-exercises.js";
import type { ClaimComparison, FigureComparison, TextDifference } from "./compare.js";
import { escape } from "./markup.js";
import type { NotebookReport, Report } from "./report.js";
import { claimsTally } from "./tally.js";

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; color: #222; background: #fff; }
  table { border-collapse: collapse; margin: .5em 0 1.5em; } td, th { padding: .25em .7em; text-align: left; vertical-align: top; border-bottom: 1px solid #ddd; }
  .good { color: #177245; } .bad { color: #b3261e; font-weight: 600; } .plain { color: #666; }
  .pictures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1em; } .pictures img { width: 100%; background: #fff; }
  figure { margin: 0; } figcaption { color: #666; } .difference { position: relative; isolation: isolate; background: #fff; }
  .difference img + img { position: absolute; left: 0; top: 0; mix-blend-mode: difference; }
  pre { background: #f6f6f6; padding: .5em; overflow: auto; max-height: 20em; }
  dt { font-weight: 600; } dd { margin: 0 0 .3em 0; overflow-wrap: anywhere; }`;

export function reportHTML(report: Report): string {
  const { notebooks } = report;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Reproduction: ${notebooks.length} notebooks</title><style>${STYLE}</style></head><body>
<h1>Reproduction of ${notebooks.length === 1 ? "a notebook" : `${notebooks.length} notebooks`}</h1>
${summaryTable(notebooks)}
${notebooks.map(section).join("\n")}
<h2>Where these numbers come from</h2>
${provenance(report)}
</body></html>
`;
}

const tone = (good: boolean | undefined): string => (good === undefined ? "plain" : good ? "good" : "bad");
const mark = (text: string, good: boolean | undefined): string => `<span class="${tone(good)}">${escape(text)}</span>`;
const rows = (cells: readonly (readonly string[])[]): string =>
  cells.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("\n");
const table = (titles: readonly string[], cells: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${titles.map((title) => `<th>${title}</th>`).join("")}</tr></thead><tbody>${rows(cells)}</tbody></table>`;

function summaryTable(notebooks: readonly NotebookReport[]): string {
  const cells = notebooks.map((notebook) => {
    const { id, title, state, match, seconds, reason } = notebook;
    return [
      `<a href="#${escape(id)}">${escape(title)}</a>`,
      mark(state, state === "skipped" || state === "interrupted" ? undefined : state === "ran"),
      mark(match, match === "not compared" ? undefined : match === "matched"),
      escape(reason ?? claimsTally(notebook).slice(2)),
      seconds === undefined ? "" : `${seconds.toFixed(1)} s`,
    ];
  });
  return table(["Notebook", "Ran", "Matched", "", "Time"], cells);
}

function section(notebook: NotebookReport): string {
  const {
    id,
    title,
    state,
    reason,
    file,
    notes,
    settings,
    claims = [],
    exercises = [],
    figures = [],
    texts = [],
  } = notebook;
  const facts = `${file} · seed ${settings.seed} · size ${settings.size} · engine ${settings.engine}`;
  return [
    `<h2 id="${escape(id)}">${escape(title)}</h2><p class="plain">${escape(facts)}</p>`,
    state === "ran" ? "" : `<p class="bad">${escape(`${state}: ${reason ?? ""}`)}</p>`,
    ...notes.map((note) => `<p>${escape(note)}</p>`),
    claims.length > 0 ? claimsTable(claims, settings.seed) : "",
    exercises.length > 0 ? exercisesTable(exercises) : "",
    ...figures.map(figure),
    ...texts.map(text),
  ].join("\n");
}

function claimsTable(claims: readonly ClaimComparison[], seed: number): string {
  const cells = claims.map(({ id, claim, outcome, note }) => {
    const { expected, measured } = claimRow(claim);
    return [
      escape(`${id}: ${claim.statement}`),
      escape(`${claim.kind}: ${claim.source}`),
      escape(expected),
      escape(measured),
      `${mark(claim.verdict === "measured" && outcome === "met" ? "measured" : outcome, outcome === "met")}${note ? `<br>${escape(note)}` : ""}`,
      String(seed),
    ];
  });
  return table(["Claim", "Source", "Expected ± tolerance", "Observed", "Verdict", "Seed"], cells);
}

const exercisesTable = (exercises: readonly ExerciseResult[]): string =>
  table(
    ["Exercise", "Solution passes its check, stub does not", ""],
    exercises.map(({ name, outcome, note = "" }) => [escape(name), mark(outcome, outcome === "holds"), escape(note)]),
  );

function figure({ title, outcome, differences, before, after }: FigureComparison): string {
  const verdict = mark(outcome, outcome === "other settings" ? undefined : outcome === "same");
  const details = differences.map(({ name, largest, tolerance, at }) => [
    escape(name),
    String(largest),
    tolerance.toPrecision(3),
    String(at),
  ]);
  return [
    `<h3>${escape(title)}: ${verdict}</h3>`,
    details.length > 0 ? table(["Array", "Largest difference", "Tolerance", "Element"], details) : "",
    `<div class="pictures">${picture("before", before)}${picture("after", after)}`,
    before && after
      ? `<figure class="difference">${image(before)}${image(after)}<figcaption>difference</figcaption></figure>`
      : "",
    `</div>`,
  ].join("\n");
}

const picture = (caption: string, svg: string | undefined): string =>
  svg ? `<figure>${image(svg)}<figcaption>${caption}</figcaption></figure>` : "";

const image = (svg: string): string =>
  `<img alt="" src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}">`;

const text = ({ cell, before, after }: TextDifference): string =>
  `<h3>Cell ${cell} ${mark("prints something else", false)}</h3><p>Before</p><pre>${escape(before)}</pre><p>After</p><pre>${escape(after)}</pre>`;

function provenance({ command, started, ended, exitCode, provenance: about }: Report): string {
  const { machine, node, engine } = about;
  const facts: Record<string, string | undefined> = {
    Command: command,
    "Exit code": String(exitCode),
    From: `${started} to ${ended}`,
    Phasebook: about.phasebook,
    Commit: about.commit && `${about.commit}${about.dirty ? ", with changes that are not committed" : ""}`,
    "package-lock.json": about.lockfile && `SHA-256 ${about.lockfile}`,
    ...Object.fromEntries(Object.entries(about.data).map(([name, digest]) => [name, `SHA-256 ${digest}`])),
    Machine: `${machine.cores} × ${machine.cpu}, ${machine.memoryGB} GB, ${machine.system}`,
    Node: `${node.command}; cells on ${node.cells}`,
    Engine: `${engine.name}, ${engine.precision}: ${engine.description}`,
  };
  const known = Object.entries(facts).filter(([, value]) => value);
  return `<dl>${known.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value ?? "")}</dd>`).join("")}</dl>`;
}
