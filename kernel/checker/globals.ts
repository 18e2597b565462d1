/** Declarations of what the kernel adds to the globals of a notebook, as the checker sees them. */
export const GLOBALS = `export {};

declare global {
  interface DisplayOptions {
    /** The value is already an object of representations by MIME type. */
    raw?: boolean;
    metadata?: Record<string, unknown>;
    /** Identity under which a later display with \`update: true\` replaces this output. */
    display_id?: string;
    update?: boolean;
  }

  /** A value with representations of its own, by MIME type. */
  interface Displayable {
    [key: symbol]: () => unknown;
  }

  /** Shows a value as an output of the cell; await it when the value needs time to represent itself. */
  function display(value: unknown, options?: DisplayOptions): void | Promise<void>;

  /** Replaces the output that was displayed with this identity. */
  function updateDisplay(value: unknown, options: DisplayOptions & { display_id: string }): void | Promise<void>;

  /** Asks the user for a line of text and waits for it; an interrupt ends the waiting. */
  function prompt(message?: string, options?: { password?: boolean }): string;

  /** Asks the user a question, to be answered y or n. */
  function confirm(message?: string): boolean;

  /** Yields the items and shows how many are done. */
  function progress<Item>(items: Iterable<Item>, options?: { label?: string; total?: number }): Iterable<Item>;
  function progress<Item>(items: AsyncIterable<Item>, options?: { label?: string; total?: number }): AsyncIterable<Item>;

  /** Calls of Deno's Jupyter kernel. */
  namespace Jupyter {
    /** Key of the method by which a value chooses its representations. */
    const $display: unique symbol;
    function display(value: unknown, options?: DisplayOptions): void | Promise<void>;
    function broadcast(messageType: string, content: Record<string, unknown>): void;
    /** Removes the outputs of the cell; with \`wait\`, when the next output comes. */
    function clearOutput(options?: { wait?: boolean }): void;
    function html(parts: TemplateStringsArray, ...values: unknown[]): Displayable;
    function md(parts: TemplateStringsArray, ...values: unknown[]): Displayable;
    function svg(parts: TemplateStringsArray, ...values: unknown[]): Displayable;
    /** A PNG, JPEG, GIF or SVG image, from a file or from its bytes. */
    function image(source: string | Uint8Array): Displayable;
  }

  /** Value of the last cell that had one, and those before it. */
  const _: any;
  const __: any;
  const ___: any;
}
`;
