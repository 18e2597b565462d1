/** The examples in the docstrings of the language run, and give what they say. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import ts from "typescript";
import { evaluate } from "../../src/compile/reference.js";
import * as language from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";
import { sourcesUnder } from "../support/imports.js";
import { fromRoot } from "../support/paths.js";

interface Example {
  readonly of: string;
  readonly code: string;
}

/** All @example blocks of a source file, with the name of what they document. */
function examplesOf(file: string): Example[] {
  const source = ts.createSourceFile(file, readFileSync(fromRoot(file), "utf8"), ts.ScriptTarget.Latest, true);
  const found: Example[] = [];
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== "example" || tag.parent.parent !== node) continue;
      const name = ts.isFunctionLike(node) && node.name ? node.name.getText() : "?";
      found.push({ of: name, code: ts.getTextOfJSDocComment(tag.comment) ?? "" });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** What an example says that its statements give: for each the expressions, and values after its `//`. */
function statementsOf(code: string): { expressions: string[]; expected: unknown[]; text: string }[] {
  const source = ts.createSourceFile("example.ts", code, ts.ScriptTarget.Latest, true);
  return source.statements.map((statement) => {
    const text = statement.getText();
    const comment = /^\s*\/\/ ?(.*)/.exec(code.slice(statement.end))?.[1];
    const expected = comment === undefined ? [] : comment.split(" and ").map((value) => parse(value));
    if (ts.isExpressionStatement(statement)) {
      return { expressions: [statement.expression.getText()], expected, text: "" };
    }
    const names = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.flatMap(({ name }) =>
          ts.isObjectBindingPattern(name) ? name.elements.map((element) => element.name.getText()) : [name.getText()],
        )
      : [];
    return { expressions: names, expected, text };
  });
}

const parse = (value: string): unknown =>
  JSON.parse(value.replaceAll("-Infinity", "-1e999").replaceAll("Infinity", "1e999"));

function run({ code }: Example): void {
  const statements = statementsOf(code);
  const checks = statements.flatMap(({ expressions, expected }) =>
    expected.length === 0 ? [] : expected.map((value, i) => ({ expression: expressions[i]!, value })),
  );
  assert.ok(checks.length > 0, "the example says what it gives");
  const body = `${statements.map(({ text }) => text).join("\n")}\nreturn [${checks.map(({ expression }) => expression).join(", ")}];`;
  const names = Object.keys(language);
  const javascript = ts.transpileModule(`function example(${names.join(", ")}) {\n${body}\n}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  }).outputText;
  type Run = (...args: unknown[]) => language.Tensor[];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the code is the project's own documentation.
  const example = (new Function(`${javascript}\nreturn example;`) as () => Run)();
  const results = example(...names.map((name) => (language as Record<string, unknown>)[name]));
  results.forEach((result, i) => {
    const { expression, value } = checks[i]!;
    const list = [value].flat(Infinity) as number[];
    assertClose(evaluate([result])[0]!, list, { relative: 1e-12, absolute: 1e-12 }, expression);
    assert.deepEqual(result.shape, shapeOf(value), expression);
  });
}

const shapeOf = (value: unknown): number[] => (Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []);

const METHODS = Object.getOwnPropertyNames(language.Tensor.prototype);
const INTERNAL = new Set(["constructor", "rank", "size", "toString", "lift", "binary", "reduce"]);

suite("examples of the language", () => {
  const examples = sourcesUnder("src/tensor").flatMap((file) => examplesOf(file).map((one) => ({ ...one, file })));
  for (const example of examples) test(`${example.file}: ${example.of}`, () => run(example));

  test("every method of a tensor has one", () => {
    const shown = new Set(examples.filter(({ file }) => file.endsWith("/tensor.ts")).map((example) => example.of));
    assert.deepEqual(
      METHODS.filter((name) => !INTERNAL.has(name) && !shown.has(name)),
      [],
    );
  });
});
