/** The layering rules of the design: who may import whom, and that no module imports itself by a detour. */
import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { type Import, importsOf, sourcesUnder } from "./support/imports.js";
import { fromRoot } from "./support/paths.js";

const PROTOCOL = "src/protocol.ts";

/** Finds the host that the protocol describes; it stands beside the rooms and knows only the protocol. */
const NOTEBOOK_HOST = "src/notebook-host.ts";

/** The rooms of the library from the bottom up: each may import those of lower levels, and none of its own level. */
const LEVELS = [
  ["tensor"],
  ["compile", "optimizers"],
  ["engines", "storage", "widgets"],
  ["ensemble"],
  ["models", "clustering"],
  ["physics", "tasks", "inference", "stats"],
  ["figures", "claims"],
];

/** Rooms that could run anywhere: neither Node, nor the DOM, nor packages, nor a notebook. */
const PURE = new Set(["tensor", "compile"]);

/** Programs above the library; the extension sees the drawing core instead of the library, the kernel nothing. */
const OUTSIDE: Record<string, string[]> = {
  views: [],
  kernel: [],
  extension: ["views"],
  cli: ["kernel", "src"],
};

/** Whether a file lies in a room: a folder, or the folder of a name such as `src`. */
const within = (file: string, room: string): boolean => file.startsWith(`${room}/`);

/** Why an import is against the rules, or undefined. */
function violation({ file, target }: Import): string | undefined {
  const pure = PURE.has(roomOf(file) ?? "");
  if (target === undefined) return pure ? "tensor and compile import nothing from outside" : undefined;
  if (target === PROTOCOL && file !== PROTOCOL) return pure ? "tensor and compile know no protocol" : undefined;
  const program = Object.keys(OUTSIDE).find((room) => within(file, room));
  if (program) {
    const allowed = [program, ...OUTSIDE[program]!].some((room) => within(target, room));
    return allowed ? undefined : `${program} may import ${[PROTOCOL, ...OUTSIDE[program]!].join(", ")}`;
  }
  return violationInLibrary(file, target);
}

function violationInLibrary(file: string, target: string): string | undefined {
  if (file === PROTOCOL) return "the protocol imports nothing";
  if (within(target, "views")) return within(file, "src/figures") ? undefined : "only figures draws";
  if (!within(target, "src")) return "the library imports nothing above it";
  const from = roomOf(file);
  const to = roomOf(target);
  if (file === NOTEBOOK_HOST) return "the notebook host imports only the protocol";
  if (from === undefined || from === to) return undefined; // src/index.ts gathers all rooms
  if (target === NOTEBOOK_HOST) return PURE.has(from) ? "tensor and compile know no host" : undefined;
  if (to === undefined) return "no room imports the package's entry";
  return levelOf(to) < levelOf(from) ? undefined : `${to} does not stand below ${from}`;
}

/** `tensor` for `src/tensor/shape.ts`; undefined for files beside the rooms. */
const roomOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1];

function levelOf(room: string): number {
  const level = LEVELS.findIndex((rooms) => rooms.includes(room));
  assert.notEqual(level, -1, `src/${room} has no level in this test`);
  return level;
}

const describe = ({ file, line, specifier }: Import): string => `${file}:${line} imports "${specifier}"`;

const imports = ["src", ...Object.keys(OUTSIDE)].flatMap(sourcesUnder).flatMap(importsOf);

test("imports go one way", () => {
  const broken = imports.flatMap((found) => {
    const why = violation(found);
    return why === undefined ? [] : [`${describe(found)}: ${why}`];
  });
  assert.deepEqual(broken, []);
});

test("the rules see what is against them", () => {
  const forbidden = [
    ["src/tensor/a.ts", "../compile/b.js", "src/compile/b.ts"],
    ["src/tensor/a.ts", "node:fs", undefined],
    ["src/compile/a.ts", "arquero", undefined],
    ["src/figures/a.ts", "../claims/b.js", "src/claims/b.ts"],
    ["src/ensemble/a.ts", "../../views/index.js", "views/index.ts"],
    ["src/models/a.ts", "../index.js", "src/index.ts"],
    ["src/protocol.ts", "./tensor/a.js", "src/tensor/a.ts"],
    ["src/notebook-host.ts", "./tensor/a.js", "src/tensor/a.ts"],
    ["src/compile/a.ts", "../notebook-host.js", "src/notebook-host.ts"],
    ["views/a.ts", "../src/tensor/a.js", "src/tensor/a.ts"],
    ["kernel/a.ts", "../src/index.js", "src/index.ts"],
    ["extension/a.ts", "../kernel/a.js", "kernel/a.ts"],
    ["kernel/a.ts", "../extension/a.js", "extension/a.ts"],
    ["src/index.ts", "../cli/a.js", "cli/a.ts"],
  ] as const;
  for (const [file, specifier, target] of forbidden) {
    const found: Import = { file, line: 1, specifier, target, kind: "linked" };
    assert.notEqual(violation(found), undefined, describe(found));
  }
});

test("no module imports itself by a detour", () => {
  const linked = imports.filter(({ kind, target }) => kind === "linked" && target !== undefined);
  const next = new Map(linked.map(({ file }) => [file, linked.filter((step) => step.file === file)]));
  const finished = new Set<string>();
  const visit = (file: string, path: Import[]): void => {
    const start = path.findIndex((step) => step.file === file);
    assert.equal(start, -1, `a cycle:\n${path.slice(start).map(describe).join("\n")}`);
    if (finished.has(file)) return;
    for (const step of next.get(file) ?? []) visit(step.target!, [...path, step]);
    finished.add(file);
  };
  for (const file of next.keys()) visit(file, []);
});

test("the compiler hides Node and the DOM from tensor and compile", () => {
  const { config } = ts.readConfigFile(fromRoot("src/core.tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, fromRoot("src"));
  assert.deepEqual(options.types, []);
  assert.deepEqual(options.lib, ["lib.es2023.d.ts"]);
});
