/** What every committed notebook holds, without running it; `phasebook reproduce --all` runs them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { notebooksIn } from "../../cli/notebooks/catalogue.js";
import { listMarkdown } from "../../cli/notebooks/list.js";
import { claimsOf, codeCells, codeDigest, figuresOf, outputsOf, textOf } from "../../cli/notebooks/notebook.js";
import { exercisesOf } from "../../cli/notebooks/exercises.js";
import { parametersOf } from "../../cli/notebooks/parameters.js";
import { fromRoot } from "../support/paths.js";

const entries = await notebooksIn(fromRoot("notebooks"));

for (const { id, notebook } of entries) {
  suite(id, () => {
    const prose = notebook.cells.filter(({ cell_type }) => cell_type === "markdown").map(({ source }) => textOf(source));

    test("its outputs are whole, and were made by its code with the parameters as they stand", () => {
      const executed = notebook.metadata.phasebook?.executed;
      assert.ok(executed, `write them by \`npx phasebook reproduce ${id} --update\``);
      const { code, size, seed } = executed;
      assert.deepEqual({ code, size, seed }, { code: codeDigest(notebook), ...parametersOf(notebook) });
      const counts = codeCells(notebook).map(({ execution_count }) => execution_count);
      assert.deepEqual(counts, counts.map((_, i) => i + 1));
      const complaints = outputsOf(notebook).filter(({ output_type, name }) => output_type === "error" || name === "stderr");
      assert.deepEqual(complaints, []);
    });

    test("it has the parts of a notebook, in order", () => {
      const parts = ["**Goal.**", "## Theory", "## Code", "## Figure", "## Claims", "## Exercises", "## References"];
      const places = parts.map((part) => prose.join("\n").indexOf(part));
      assert.ok(!places.includes(-1), parts[places.indexOf(-1)]);
      assert.deepEqual(places, [...places].sort((a, b) => a - b));
      assert.ok(figuresOf(notebook).length > 0);
    });

    test("each exercise has a hint, a stub, a solution and a check", () => {
      const text = prose.join("\n");
      const tasks = text.slice(text.indexOf("## Exercises"), text.indexOf("<details>")).match(/^\d+\. .*$/gm) ?? [];
      assert.ok(tasks.length >= 2 && tasks.every((task) => task.includes("*Hint:*") && task.includes("*Check:*")));
      const exercises = exercisesOf(notebook);
      assert.deepEqual(
        exercises.map(({ name }) => name),
        tasks.map((_, i) => `exercise ${i + 1}`),
      );
      for (const { name, stub, solution } of exercises) assert.ok(stub.length < solution.length - 10, name);
    });

    test("its cells are short, and its lines, too; only claims are long tables", () => {
      const cells = codeCells(notebook).map(({ source }) => textOf(source).split("\n"));
      const long = cells.filter((lines) => lines.length > 20 && !lines.some((line) => line.startsWith("claimTable(")));
      assert.deepEqual(long, []);
      assert.deepEqual(cells.flat().filter((line) => line.length > 100), []);
    });

    test("its claims are its own, and one is a control that must come out otherwise", () => {
      const claims = claimsOf(notebook);
      assert.ok(claims.every((claim) => claim.id.startsWith(`${id}.`) && claim.source !== ""));
      assert.ok(claims.some(({ statement }) => statement.startsWith("control: ")));
      const failed = claims.filter(({ verdict }) => verdict === "disagrees" || verdict === "inconclusive");
      assert.deepEqual(failed.map((claim) => claim.id), []);
    });
  });
}

test("segments are unique, and their files are named after them", () => {
  const names = readdirSync(fromRoot("notebooks")).filter((name) => name.endsWith(".ipynb"));
  const expected = entries.map(({ id }) => id.replace(/\d+/, (number) => number.padStart(2, "0")));
  assert.deepEqual(names.sort().map((name) => name.split("-")[0]), expected);
  assert.equal(new Set(expected).size, entries.length);
});

test("the README has the table that `phasebook list --markdown` prints", () => {
  assert.ok(readFileSync(fromRoot("README.md"), "utf8").includes(listMarkdown(entries)));
});
