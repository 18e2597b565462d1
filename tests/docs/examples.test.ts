/** Every example in a docstring of the library runs. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { suite, test } from "node:test";
import ts from "typescript";
import * as phasebook from "../../src/index.js";
import { fromRoot, repositoryRoot } from "../support/paths.js";

interface Example {
  readonly name: string;
  readonly code: string;
}

function examplesIn(file: string): Example[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ESNext, true);
  const examples: Example[] = [];
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== "example" || tag.parent.parent !== node) continue;
      const { line } = source.getLineAndCharacterOfPosition(tag.getStart());
      const code = ts.getTextOfJSDocComment(tag.comment) ?? "";
      examples.push({ name: `${relative(repositoryRoot, file)}:${line + 1}`, code });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return examples;
}

const files = readdirSync(fromRoot("src"), { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);
const examples = files.flatMap((name) => examplesIn(join(fromRoot("src"), name)));

suite("examples in docstrings", () => {
  test("there are some", () => assert.ok(examples.length > 0));
  for (const { name, code } of examples) {
    test(name, async () => {
      const names = Object.keys(phasebook);
      const { outputText } = ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
      const AsyncFunction = (async () => {}).constructor as new (
        ...source: string[]
      ) => (...given: unknown[]) => Promise<void>;
      await new AsyncFunction(...names, outputText)(...names.map((key) => phasebook[key as keyof typeof phasebook]));
    });
  }
});
