import type { LoopOperation } from "../operation.js";

const parameter: LoopOperation<"parameter"> = {
  kind: "loop",
  spec: (_, { shape, dtype }) => ({ shape, dtype }),
};

/** Has no value of its own: its results do. */
const scan: LoopOperation<"scan"> = {
  kind: "loop",
  spec: () => ({ shape: [], dtype: "u32" }),
};

const final: LoopOperation<"final"> = {
  kind: "loop",
  spec: (_, { shape, dtype }) => ({ shape, dtype }),
};

const stacked: LoopOperation<"stacked"> = {
  kind: "loop",
  spec: (_, { value, length }) => ({ shape: [length, ...value.shape], dtype: value.dtype }),
};

/** Loops, and what is known of them outside. */
export const loops = { parameter, scan, final, stacked };
