/** Tables as Arrow files. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadTable, saveTable, table } from "../../src/index.js";
import { temporaryFolder } from "../support/temporary-folder.js";

test("a table comes back from an Arrow file as it was", async (context) => {
  const path = join(await temporaryFolder(context), "members.arrow");
  const members = table({
    member: Int32Array.of(0, 1, 2),
    rate: Float64Array.of(0.1, NaN, Infinity),
    state: ["finished", "diverged", "finished"],
  });
  await saveTable(members, path);
  const back = await loadTable(path);
  assert.deepEqual(back.columnNames(), ["member", "rate", "state"]);
  assert.deepEqual(back.objects(), members.objects());
  const bytes = await readFile(path);
  // Arrow's file format begins and ends with this magic: arrow.apache.org/docs/format/Columnar.html#ipc-file-format
  assert.equal(bytes.subarray(0, 6).toString(), "ARROW1");
  assert.equal(bytes.subarray(-6).toString(), "ARROW1");
  await writeFile(path, "a,b\n1,2\n");
  await assert.rejects(loadTable(path), { name: "TypeError", message: /is no Arrow file, or it is truncated/ });
});
