import eslint from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** Rules on top of typescript-eslint's strict set, and the few of it that do not suit this code. */
const typescriptRules = {
  // Numbers, booleans and enums of the protocol read well in messages: `${steps} steps`.
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  // `() => emitter.on(…)` is idiomatic; what matters is a promise that nobody awaits.
  "@typescript-eslint/no-confusing-void-expression": [
    "error",
    { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
  ],
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
  // With noUncheckedIndexedAccess every array element may be undefined; numerical code asserts what its loops guarantee.
  "@typescript-eslint/no-non-null-assertion": "off",
  // These two take a class with a private constructor, and a list of names, for what they are not.
  "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
  "@typescript-eslint/no-unsafe-enum-assignment": "off",
  // Services are objects of closures, whose functions are passed on and destructured freely.
  "@typescript-eslint/unbound-method": "off",
  "@typescript-eslint/consistent-type-imports": "error",
  "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
  "@typescript-eslint/unified-signatures": ["error", { ignoreDifferentlyNamedParameters: true }],
};

/** node:test's functions return promises that its runner awaits. */
const nodeTest = { from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] };

export default defineConfig(
  globalIgnores(["**/dist/", "**/node_modules/", ".venv/", "extension/lib/", "extension/labextension/"]),
  eslint.configs.recommended,
  { rules: { eqeqeq: "error", "no-console": "error", "object-shorthand": "error", "prefer-const": "error" } },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: typescriptRules,
  },
  {
    files: ["tests/**/*.ts"],
    rules: { "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [nodeTest] }] },
  },
  {
    // Randomness and time are passed in, so that every result can be had again.
    files: ["src/**/*.ts", "views/*.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Take random numbers from a counter-based key." },
        { object: "Date", property: "now", message: "Take the time as an argument." },
      ],
    },
  },
  {
    // Commands and their helpers: they run in Node and talk to the terminal.
    files: ["scripts/**/*.mjs", "cli/**/*.ts", "bench/**/*.ts", "bench/**/*.mjs", "kernel/main.ts"],
    languageOptions: {
      globals: {
        console: "readonly",
        process: "readonly",
        URL: "readonly",
        AbortController: "readonly",
        performance: "readonly",
      },
    },
    rules: { "no-console": "off" },
  },
);
