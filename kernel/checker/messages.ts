/** What the front process and the checker's thread say to each other. Types only; positions count UTF-16 units. */

/** A cell that ran, with the names that later cells may use. */
export interface RecordedCell {
  /** Unique number of the execution. */
  id: number;
  /** Name in messages: `Cell[3]`. */
  name: string;
  source: string;
}

export interface CheckerSetup {
  folder: string;
  packageRoot: string;
  /** Whether nobody waits for the thread, so that others go first. */
  background: boolean;
  /** Memory of the {@link Gate} that the thread passes while it works. */
  gate: SharedArrayBuffer;
  cells: readonly RecordedCell[];
}

export interface CompletionItem {
  text: string;
  /** Kind in TypeScript's words: `method`, `const`, `keyword`. */
  type: string;
}

export interface Completions {
  items: CompletionItem[];
  /** The range that an item replaces. */
  start: number;
  end: number;
  /** Whether these are properties of an expression, and the expression where it is a plain path such as `a.b`. */
  member: boolean;
  path: string | undefined;
}

export interface Inspection {
  /** Signature and documentation. */
  plain: string;
  markdown: string;
}

export interface TypeProblem {
  code: number;
  message: string;
  /** From 0. */
  line: number;
  column: number;
  length: number;
  severity: "error" | "warning";
}

export interface CheckerRequests {
  complete: { request: { source: string; offset: number }; reply: Completions };
  inspect: { request: { source: string; offset: number }; reply: Inspection | undefined };
  check: { request: { cell: RecordedCell }; reply: TypeProblem[] };
}

export type RequestType = keyof CheckerRequests;

export type ToChecker =
  | { type: "record"; cell: RecordedCell }
  | { [Type in RequestType]: { type: Type; id: number; request: CheckerRequests[Type]["request"] } }[RequestType];

export type FromChecker = { id: number; reply: CheckerRequests[RequestType]["reply"] } | { id: number; error: string };
