/** Tables as Arrow files. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { columnTexts, loadTable, saveTable, table } from "../../src/index.js";
import { fromRoot } from "../support/paths.js";
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

const fixture = (name: string) => fromRoot(`tests/storage/fixtures/${name}`);

test("a file that pyarrow wrote is read: integers, both floats, text, dictionaries, truth values, missing values", async () => {
  const back = await loadTable(fixture("pyarrow.arrow"));
  assert.deepEqual(back.objects(), [
    { member: 0, rate: 0.1, state: "finished", note: "a", converged: true, loss: 1.5 },
    { member: 1, rate: NaN, state: "diverged", note: null, converged: false, loss: -2 },
    { member: 2, rate: Infinity, state: "finished", note: "ü", converged: null, loss: 0.25 },
  ]);
});

test("a table is written as the file that pyarrow reads", async (context) => {
  const path = join(await temporaryFolder(context), "members.arrow");
  await saveTable(
    table({
      member: Int32Array.of(0, 1, 2),
      rate: Float64Array.of(0.1, NaN, Infinity),
      loss: Float32Array.of(1.5, -2, 0.25),
      state: ["finished", "diverged", "finished"],
      converged: [true, false, null],
    }),
    path,
  );
  // pyarrow 26.0.1: pyarrow.feather.read_table(file) has these columns as int32, double, float, dictionary and bool.
  assert.deepEqual(await readFile(path), await readFile(fixture("phasebook.arrow")));
});

test("labels and units are the metadata of the schema's fields, as pyarrow shows them", async (context) => {
  const path = join(await temporaryFolder(context), "members.arrow");
  await saveTable(table({ mass: Float64Array.of(91.2, 125.1), seed: Int32Array.of(0, 1), note: ["Z", "H"] }), path, {
    columns: { mass: { label: "resonance mass", unit: "GeV/c²" }, note: { label: "particle" } },
  });
  // pyarrow 26.0.1, pyarrow.ipc.open_file(file).schema: mass: double, its metadata {b"label": b"resonance mass", b"unit": "GeV/c²"};
  // seed: int32, None; note: dictionary<values=string, indices=int32>, {b"label": b"particle"}.
  assert.deepEqual(await readFile(path), await readFile(fixture("phasebook-units.arrow")));
  assert.deepEqual(columnTexts(await loadTable(path)), {
    mass: { label: "resonance mass", unit: "GeV/c²" },
    note: { label: "particle" },
  });
});

test("labels and units that pyarrow wrote are read, and other metadata is left alone", async () => {
  // pa.field("mass", pa.float64(), metadata={"label": "resonance mass", "unit": "GeV/c²", "PARQUET:field_id": "1"}),
  // pa.field("seed", pa.int32(), metadata={"unit": " "}), pa.field("note", pa.dictionary(pa.int32(), pa.string()), metadata={"label": "particle"})
  const back = await loadTable(fixture("pyarrow-units.arrow"));
  assert.deepEqual(columnTexts(back), {
    mass: { label: "resonance mass", unit: "GeV/c²" },
    note: { label: "particle" },
  });
  assert.deepEqual(back.objects(), [
    { mass: 91.2, seed: 0, note: "Z" },
    { mass: 125.1, seed: 1, note: "H" },
  ]);
});
