import { Matrix, solve } from "ml-matrix";
import { type Nucleus, valence } from "./nuclei.js";

/** Numbers of protons and neutrons. */
type Nucleons = Pick<Nucleus, "Z" | "N">;

/** What a term of a mass formula is in units of its coefficient. */
type Term = (Z: number, N: number, A: number) => number;

/** 1 for even-even, −1 for odd-odd nuclei, else 0. */
const parity = (Z: number, N: number): number => (Z % 2 === N % 2 ? 1 - 2 * (Z % 2) : 0);

/** P = νₚνₙ/(νₚ + νₙ), how many valence nucleons of either kind meet those of the other (Casten, Phys. Rev. Lett. 58, 658, 1987). */
function promiscuity(Z: number, N: number): number {
  const [protons, neutrons] = [valence(Z), valence(N)];
  return protons + neutrons === 0 ? 0 : (protons * neutrons) / (protons + neutrons);
}

const BETHE_WEIZSAECKER = {
  volume: (_Z, _N, A) => A,
  surface: (_Z, _N, A) => -(Math.cbrt(A) ** 2),
  Coulomb: (Z, _N, A) => (-Z * (Z - 1)) / Math.cbrt(A),
  asymmetry: (Z, N, A) => -((N - Z) ** 2) / A,
  pairing: (Z, N, A) => parity(Z, N) / Math.sqrt(A),
} satisfies Record<string, Term>;

const FORMULAS = {
  "Bethe-Weizsäcker": BETHE_WEIZSAECKER,
  extended: {
    ...BETHE_WEIZSAECKER,
    "exchange Coulomb": (Z, _N, A) => Math.cbrt(Z) ** 4 / Math.cbrt(A),
    Wigner: (Z, N, A) => -Math.abs(N - Z) / A,
    "surface asymmetry": (Z, N, A) => (N - Z) ** 2 / Math.cbrt(A) ** 4,
    curvature: (_Z, _N, A) => Math.cbrt(A),
    shell: (Z, N) => -promiscuity(Z, N),
    "shell squared": (Z, N) => promiscuity(Z, N) ** 2,
  },
} satisfies Record<string, Record<string, Term>>;

/**
 * "Bethe-Weizsäcker": volume, surface, Coulomb, asymmetry and pairing of a charged liquid drop; "extended": eleven terms, with exchange,
 * the Wigner term, surface asymmetry, curvature and two terms for shells (Kirson, Nucl. Phys. A 798, 29, 2008).
 */
export type MassFormulaName = keyof typeof FORMULAS;

/** A mass formula with fitted coefficients. */
export interface MassFormula {
  /** By term, MeV. */
  readonly coefficients: Readonly<Record<string, number>>;
  /** Root mean square of what it leaves of the nuclei that it was fitted to, MeV. */
  readonly rms: number;
  /** Binding energy, MeV. */
  binding(nucleus: Nucleons): number;
  /** What each term adds to it, MeV. */
  contributions(nucleus: Nucleons): Readonly<Record<string, number>>;
}

/**
 * Fits a mass formula to binding energies by least squares, all nuclei with equal weight.
 *
 * Throws a RangeError for fewer nuclei than terms.
 */
export function fitMassFormula(name: MassFormulaName, nuclei: readonly Nucleus[]): MassFormula {
  const formula: Readonly<Record<string, Term>> = FORMULAS[name];
  const terms = Object.entries(formula);
  if (nuclei.length < terms.length) {
    throw new RangeError(
      `The mass formula "${name}" has ${terms.length} terms; ${nuclei.length} nuclei do not determine them.`,
    );
  }
  const row = ({ Z, N }: Nucleons) => terms.map(([, term]) => term(Z, N, Z + N));
  const measured = Matrix.columnVector(nuclei.map(({ binding }) => binding));
  const fitted = solve(new Matrix(nuclei.map(row)), measured, true).to1DArray();
  const binding = (nucleus: Nucleons) => row(nucleus).reduce((sum, x, i) => sum + x * fitted[i]!, 0);
  const squares = nuclei.reduce((sum, nucleus) => sum + (nucleus.binding - binding(nucleus)) ** 2, 0);
  return {
    coefficients: Object.fromEntries(terms.map(([term], i) => [term, fitted[i]!])),
    rms: Math.sqrt(squares / nuclei.length),
    binding,
    contributions: (nucleus) => Object.fromEntries(row(nucleus).map((x, i) => [terms[i]![0], x * fitted[i]!])),
  };
}
