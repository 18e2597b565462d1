/**
 * What the library expects of any JavaScript host. The projects under src/ see neither Node's nor the browser's
 * types; this file is the whole of what they may take for granted.
 */
interface PhasebookAbortEvent {
  readonly type: string;
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: (event: PhasebookAbortEvent) => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: (event: PhasebookAbortEvent) => void): void;
}
declare function setTimeout(callback: () => void, milliseconds?: number): unknown;
declare function clearTimeout(handle: unknown): void;
declare function queueMicrotask(callback: () => void): void;
declare function btoa(binary: string): string;
declare function atob(base64: string): string;
declare const crypto: { randomUUID(): string };
declare const performance: { now(): number };
