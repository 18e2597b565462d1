import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { decayEnergies, fitMassFormula, nuclideChart, parseNuclei } from "../../src/physics/index.js";
import { assertClose } from "../support/close.js";
import { fromRoot } from "../support/paths.js";

const FILE = fromRoot("notebooks/data/ame2020.csv");
const nuclei = parseNuclei(await readFile(FILE, "utf8"));
const at = nuclideChart(nuclei);
const binding = (Z: number, N: number) => at(Z, N)?.binding;
const heavy = nuclei.filter(({ Z, N, estimated }) => Z >= 8 && N >= 8 && !estimated);

test("the table is the one whose source and hash stand beside it", async () => {
  const [data, source] = await Promise.all([readFile(FILE), readFile(fromRoot("notebooks/data/README.md"), "utf8")]);
  assert.ok(source.includes(createHash("sha256").update(data).digest("hex")));
  assert.equal(nuclei.length, 3558);
});

test("binding energies are those of the evaluation, MeV", () => {
  // AME2020, B/A in keV: ⁴He 7073.9156, ⁵⁶Fe 8790.3563, ²³⁸U 7570.1262
  assertClose([binding(2, 2)!, binding(26, 30)!, binding(92, 146)!], [4 * 7.0739156, 56 * 8.7903563, 238 * 7.5701262], {
    relative: 1e-9,
  });
  assert.deepEqual([at(26, 30)?.element, at(26, 30)?.estimated, at(200, 1)], ["Fe", false, undefined]);
});

test("decay and separation energies are the evaluated ones to 2 keV", () => {
  // AME2020, part I, table III (rct1, rct2_1), MeV.
  const cases: [what: keyof ReturnType<typeof decayEnergies>, Z: number, N: number, expected: number][] = [
    ["alpha", 92, 146, 4.2699],
    ["alpha", 84, 128, 8.9542], // ²¹²Po
    ["betaMinus", 6, 8, 0.1565], // ¹⁴C
    ["betaMinus", 1, 2, 0.0186], // tritium
    ["neutronSeparation", 82, 126, 7.3679],
    ["twoNeutronSeparation", 82, 126, 14.1057],
    ["protonSeparation", 8, 8, 12.1274],
  ];
  const found = cases.map(([what, Z, N]) => decayEnergies({ Z, N }, binding)[what]);
  assertClose(
    found,
    cases.map(([, , , expected]) => expected),
    { absolute: 0.002 },
  );
  assert.ok(Number.isNaN(decayEnergies({ Z: 118, N: 175 }, binding).betaMinus), "element 119 is not in the table");
});

test("least squares leaves what an independent fit leaves: 3.08 MeV, and 1.63 MeV with eleven terms", () => {
  assert.equal(heavy.length, 2457);
  const [drop, extended] = [fitMassFormula("Bethe-Weizsäcker", heavy), fitMassFormula("extended", heavy)];
  assertClose([drop.rms, extended.rms], [3.08, 1.63], { absolute: 0.005 });
  assert.equal(Object.keys(extended.coefficients).length, 11);
  const residuals = heavy.map((nucleus) => nucleus.binding - drop.binding(nucleus));
  const lead = { Z: 82, N: 126 };
  const parts = Object.values(drop.contributions(lead)).reduce((sum, part) => sum + part, 0);
  assertClose([parts], [drop.binding(lead)], { relative: 1e-12 });
  // The residual of a least-squares fit is orthogonal to every term: to A, for example.
  const projection = residuals.reduce((sum, r, i) => sum + r * heavy[i]!.A, 0);
  assert.ok(Math.abs(projection) < 1e-6 * residuals.length * 3 * 150, `${projection}`);
});

test("a formula is found again from what it gives", () => {
  const drop = fitMassFormula("Bethe-Weizsäcker", heavy);
  const made = heavy.map((nucleus) => ({ ...nucleus, binding: drop.binding(nucleus) }));
  const again = fitMassFormula("extended", made);
  assertClose([again.rms], [0], { absolute: 1e-6 });
  assertClose([again.coefficients["Coulomb"]!, again.coefficients["shell"]!], [drop.coefficients["Coulomb"]!, 0], {
    absolute: 1e-6,
  });
});

test("other files are refused with the line", () => {
  const header = "Z,N,A,element,binding_energy_per_nucleon_keV,uncertainty_keV,estimated";
  assert.throws(() => parseNuclei("Z,N\n1,1"), /begins with "Z,N,A/);
  assert.throws(() => parseNuclei(`${header}\n1,0,1,H,0,0,0\n1,1,3,H,1112,0,0`), /Line 3 .*"1,1,3,H,1112,0,0"/);
  assert.throws(() => parseNuclei(`${header}\n1,1,2,H,many,0,0`), SyntaxError);
  assert.throws(() => fitMassFormula("Bethe-Weizsäcker", nuclei.slice(0, 3)), /5 terms; 3 nuclei/);
});
