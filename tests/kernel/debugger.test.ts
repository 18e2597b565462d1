/** The debugger's parts: names of cells, and positions between TypeScript and what V8 runs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileCell } from "../../kernel/cell/compile.js";
import { transpile } from "../../kernel/cell/transpile.js";
import { hoistedFunctions } from "../../kernel/cell/compile-module.js";
import { isInTryWithCatch } from "../../kernel/debugger/caught.js";
import { CellFiles, cellPath, CELL_NAMING } from "../../kernel/debugger/cell-files.js";
import { Locator } from "../../kernel/debugger/locator.js";
import { murmur2 } from "../../kernel/debugger/murmur2.js";
import { DebugSession } from "../../kernel/evaluator/debug-session.js";
import type { ControlReport } from "../../kernel/link/messages.js";
import { originalPosition, translatedPosition } from "../../kernel/link/positions.js";
import { venvPython } from "../support/paths.js";
import { run } from "../support/run.js";

type Position = [line: number, column: number];

test("cells have the names that ipykernel and JupyterLab give them", async () => {
  const texts = ["", "a", "ab", "abc", "abcd", "const x = 1;\n// äöü 🚀\n", "x".repeat(1001)];
  const program =
    "import json, sys; from ipykernel.compiler import murmur2_x86; " +
    "print(json.dumps([murmur2_x86(text, seed) for text, seed in json.loads(sys.argv[1])]))";
  const pairs = texts.flatMap((text) => [0, 1, CELL_NAMING.hashSeed].map((seed) => [text, seed] as const));
  const { output } = await run(venvPython, ["-c", program, JSON.stringify(pairs)]);
  assert.deepEqual(
    pairs.map(([text, seed]) => murmur2(text, seed)),
    JSON.parse(output),
  );
  assert.match(cellPath("a"), /phasebook_\d+.\d+\.ts$/);
});

/** Where V8 could pause in a script. */
function breakLocations(script: string): Position[] {
  const answer = locationsOf(script);
  if (answer?.type !== "debug_result") throw new Error(JSON.stringify(answer));
  return answer.result as Position[];
}

function locationsOf(script: string): ControlReport | undefined {
  const answers: ControlReport[] = [];
  new DebugSession((answer) => answers.push(answer)).findLocations(1, script);
  return answers[0];
}

/** Kinds of statements that are moved, replaced or translated on their way to V8, and the lines where they can pause. */
const CELLS: [source: string, lines: number[]][] = [
  ["import { readFileSync } from 'node:fs';\nconst text: string = readFileSync('a', 'utf8');\ntext.length", [1, 2, 3]],
  [
    "// comment\ninterface A { a: number }\nlet late = f(1);\nfunction f(x: number): number {\n  if (x > 0) {\n    return x;\n  }\n  return -x;\n}\nlate",
    [3, 4, 5, 6, 8, 10],
  ],
  ["for (const i of [1, 2]) {\n  await i;\n}\nvar v = 1;\nfor (var k = 0; k < 3; k++) v += k;\nv", [1, 2, 4, 5, 6]],
  [
    "class P<T> {\n  private value?: T;\n  get(): T | undefined {\n    return this.value;\n  }\n}\nnew P<string>()\n  .get()",
    [1, 4, 6, 7, 8],
  ],
  [
    "const URL = 1;\nconst list = [1, 2, 3]\n  .map((x) => x * URL)\n  .filter((x): x is number => {\n    return x > 1;\n  });\ntry {\n  throw list;\n} catch (e) {\n  list\n}",
    [1, 2, 3, 4, 5, 8, 10],
  ],
  [
    "export default async function main(): Promise<void> {\n  await null;\n}\nlet a: number | undefined;\na = 1",
    [1, 2, 3, 4, 5],
  ],
];

for (const [i, [source, lines]] of CELLS.entries()) {
  test(`cell ${i} can pause at the lines that do something`, async () => {
    const cells = new CellFiles();
    const path = cells.add(source);
    const options = { globals: new Set(["URL"]), shadowed: new Set<string>(), emit: {} };
    const locator = new Locator(cells, {
      compile: (code) => Promise.resolve(compileCell("Cell[1]", code, options)),
      compileFile: () => Promise.reject(new Error("no files here")),
      breakLocations: (script) => Promise.resolve(breakLocations(script)),
    });
    const { locations } = await locator.locate(path);
    assert.deepEqual([...new Set(locations.map(([line]) => line + 1))], lines);
  });
}

test("a line of a translated file is found again from the source map", () => {
  const source =
    "enum E { A, B = 3 }\nnamespace N {\n  export const one = 1;\n}\n// comment\nclass Q {\n  constructor(readonly e: E) {}\n" +
    "  next(step = 1) {\n    const sum = this.e + N.one;\n    return (\n      sum +\n      step\n    );\n  }\n}\nnew Q(E.B).next()";
  const { javascript, positions } = transpile(source, false, {});
  const locations = breakLocations(javascript);
  for (const line of [0, 1, 2, 6, 8, 9, 15]) {
    const place = translatedPosition(positions, line, 0);
    assert.ok(place);
    // V8 takes the first place at or after what it is told.
    const taken = locations.find(([l, c]) => l > place[0] || (l === place[0] && c >= place[1]));
    assert.ok(taken);
    assert.equal(originalPosition(positions, ...taken)[0], line, `line ${line}: ${place.join(":")}`);
  }
});

test("a script that does not compile has no places, and says why", () => {
  const answer = locationsOf("let = ;");
  assert.equal(answer?.type, "debug_failure");
  assert.match(JSON.stringify(answer), /SyntaxError/);
});

test("functions that exist before a module runs are found where their text begins", () => {
  const source =
    "// a\nfunction a() {}\nexport   async function b() {}\nexport default function () {}\nconst c = function () {};";
  assert.deepEqual(hoistedFunctions(source), [
    [1, 0],
    [2, 9],
    [3, 15],
  ]);
});

test("an exception is caught where a catch is around it in the same function", async () => {
  const source = "try {\n  one();\n  [1].map(() => two());\n} catch {\n  three();\n}\ntry {\n  four();\n} finally {}";
  const caught = async (name: string): Promise<boolean> => {
    const before = source.slice(0, source.indexOf(name)).split("\n");
    return isInTryWithCatch(source, before.length - 1, before.at(-1)!.length);
  };
  assert.deepEqual(await Promise.all(["one", "two", "three", "four"].map(caught)), [true, false, false, false]);
});
