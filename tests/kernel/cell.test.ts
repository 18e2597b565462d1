/** From a cell's TypeScript to a script: what becomes of each kind of statement, and where its positions point. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileCell, CellSyntaxError } from "../../kernel/cell/compile.js";
import { parseCell } from "../../kernel/cell/parse.js";
import { decodeMappings } from "../../kernel/link/source-map.js";
import { originalPosition } from "../../kernel/link/positions.js";
import type { CompiledCell } from "../../kernel/link/messages.js";

const compile = (source: string, globals: string[] = [], shadowed = new Set<string>()): CompiledCell =>
  compileCell("Cell[1]", source, { globals: new Set(globals), shadowed, emit: {} });

/** The script without the parts that every cell has, and with runs of blanks made one. */
const scriptOf = (source: string, globals?: string[]): string =>
  compile(source, globals).script.replace('"use strict";', "").replace(/\s+/g, " ").trim();

const REWRITTEN: Record<string, string> = {
  "const a: number = 1": "let a = 1",
  "var b = 2": "let b = 2",
  "export const c = 3": "let c = 3",
  "let [d, { e }] = f": "let [d, { e }] = f",
  "function g<T>(x: T): T { return x }": "let g=function g (x ) { return x };;",
  "export default function h() {}": "let h= function h() {};;",
  "async function* i() {}": "let i=async function* i() {};;",
  "class J<T> extends K<T> {}": "let J=class J extends K {};",
  "interface L { a: 1 }": "",
  "type M = 1; declare const n: M": "",
  "1 + 1": "void($$cell.value=(1 + 1))",
  "x as number // note": "void($$cell.value=(x)); // note",
  'import "m"': 'await $$cell.import("m",undefined);;',
  'import type { A } from "m"': ";",
  'import o from "m"; o': 'let {"default":o}=await $$cell.bindings("m",undefined,["default"]);; void($$cell.value=(o))',
  'import { p as q, type R } from "m"': 'let {"p":q}=await $$cell.bindings("m",undefined,[]);;',
  'import * as s from "m"': 'let s=await $$cell.import("m",undefined);;',
  'import t, * as u from "m"':
    'let u=await $$cell.import("m",undefined);let {"default":t}=await $$cell.bindings("m",undefined,[]);;',
  'import v from "./d.json" with { type: "json" }':
    'let {"default":v}=await $$cell.bindings("./d.json",{with:{"type":"json"}},[]);;',
  'import w = require("m")': 'let w=require("m");',
  'export { x } from "m"': 'await $$cell.import("m");',
  "export { y }": ";",
  "import.meta.url": "void($$cell.value=($$cell.meta.url))",
  'import("m")': 'void($$cell.value=($$cell.import("m")))',
  "for (var z = 0; z < 1; z++) {}": "let z;for (void( z = 0); z < 1; z++) {}",
  "for (var aa of bb) var cc = aa": "let aa,cc;for ( aa of bb) void( cc = aa)",
  "var dd = 1; var dd = 2": "let dd = 1; void( dd = 2)",
  "function ee() { var ff = 1 }": "let ee=function ee() { var ff = 1 };;",
};

for (const [source, script] of Object.entries(REWRITTEN)) {
  test(`cell: ${source}`, () => assert.equal(scriptOf(source), script));
}

test("a global that a cell redefines gets a name of its own, in this cell and in later ones", () => {
  const shadowed = new Set<string>();
  const first = compile("class URL { static make(): URL { return new URL() } }", ["URL"], shadowed).script;
  assert.match(first, /let URL\$cell=class URL \{ static make\(\)\s+\{ return new URL\$cell\(\) \} \};/);
  const later = compile("const { URL: a, b: URL } = { URL, c: x.URL }; f(({ URL }) => URL)", ["URL"], shadowed).script;
  assert.match(later, /\{ URL: a, b: URL\$cell \} = \{ URL:URL\$cell, c: x\.URL \}/);
  assert.match(later, /\(\{ URL:URL\$cell \}\) => URL\$cell/);
  assert.deepEqual([...shadowed], ["URL"]);
});

/** Positions, both from 1, of a marker in the script and in the source. */
function mapped(source: string, marker: string): { got: string; expected: string } {
  const cell = compile(source);
  const at = (text: string): [number, number] => {
    const before = text.slice(0, text.indexOf(marker)).split("\n");
    return [before.length - 1, before.at(-1)!.length];
  };
  const [line, column] = originalPosition(cell.positions, ...at(cell.script));
  return {
    got: `${line + 1}:${column + 1}`,
    expected: at(source)
      .map((n) => n + 1)
      .join(":"),
  };
}

const MAPPED = [
  "import { a } from 'm'; marker()",
  "const a: number = 1; const b = marker",
  "f();\nfunction f(x: number): void {\n  marker(x)\n}\ng()",
  "function f() {}\nfunction g() { marker }",
  "f()\nclass A<T> { m(): T { return marker } }",
  "enum E { A, B }\nclass K { constructor(private x: number) { marker } }",
  "namespace N { export const a = 1 }\n\n   marker",
  "@dec class A {}\nfunction f() {\n    marker\n}",
  "const j = <div a={1}>{marker}</div>",
  "var a = 1\nvar a = marker",
  "for (var i = 0; i < marker; i++);",
  "const s = `\n\n`; marker",
  "\r\nconst s = 1\r\n  marker",
];

for (const source of MAPPED) {
  test(`position in: ${JSON.stringify(source)}`, () => {
    const { got, expected } = mapped(source, "marker");
    assert.equal(got, expected);
  });
}

test("syntax errors have message, line and column", () => {
  const problem = (source: string): string => {
    try {
      compile(source);
    } catch (error) {
      assert.ok(error instanceof CellSyntaxError);
      const { message, line, column } = error.problems[0]!;
      return `${line + 1}:${column + 1} ${message}`;
    }
    return "none";
  };
  assert.equal(problem("let a = 1 +"), "1:12 Expression expected.");
  assert.equal(problem("const b = {\n  c: )\n}"), "2:6 Expression expected.");
  assert.equal(problem("const ok = await f<number>()"), "none");
});

test("complete, incomplete and wrong cells are told apart", () => {
  const state = (source: string): string => {
    const { problems } = parseCell(source);
    return problems.length === 0
      ? "complete"
      : problems.every(({ incomplete }) => incomplete)
        ? "incomplete"
        : "invalid";
  };
  for (const source of ["1", "", "if (a) { b }", "const a: number = `x`", "<div/>", "for await (const x of y) z"])
    assert.equal(state(source), "complete", source);
  for (const source of ["f(", "`open ${a}", "/* open", "class A {", "[1,", "if (a)", "x =>", "<div>"])
    assert.equal(state(source), "incomplete", source);
  for (const source of ["const = 1", ")", "a b", "let 5x"]) assert.equal(state(source), "invalid", source);
});

test("source map mappings are decoded", () => {
  // A is 0, C is 1, I is 4, M is 6, N is -6; the column starts anew on each line, the others do not.
  assert.deepEqual(decodeMappings("AAAA,IAAM;AACN"), [0, 0, 0, 0, 0, 4, 0, 6, 1, 0, 1, 0]);
});
