/** A nucleus and its measured, or estimated, binding energy. */
export interface Nucleus {
  /** Protons. */
  readonly Z: number;
  /** Neutrons. */
  readonly N: number;
  /** Z + N. */
  readonly A: number;
  readonly element: string;
  /** Binding energy of the whole nucleus, its electrons' included, MeV. */
  readonly binding: number;
  /** Standard error of the binding energy, MeV. */
  readonly uncertainty: number;
  /** Extrapolated from neighbours instead of measured. */
  readonly estimated: boolean;
}

/** Quantities of a nucleus that are differences of binding energies, MeV. */
export interface DecayEnergies {
  /** Sₙ = B(Z, N) − B(Z, N − 1). */
  readonly neutronSeparation: number;
  /** Sₚ = B(Z, N) − B(Z − 1, N). */
  readonly protonSeparation: number;
  /** S₂ₙ = B(Z, N) − B(Z, N − 2). */
  readonly twoNeutronSeparation: number;
  /** Q(α) = B(Z − 2, N − 2) + B(⁴He) − B(Z, N). */
  readonly alpha: number;
  /** Q(β⁻) = B(Z + 1, N − 1) − B(Z, N) + the mass difference of neutron and hydrogen atom. */
  readonly betaMinus: number;
}

/** Where nucleons of one kind fill a shell. */
export const MAGIC_NUMBERS: readonly number[] = [2, 8, 20, 28, 50, 82, 126, 184];

/** (mₙ − m(¹H)) c², MeV (AME2020: mass excesses 8.071318 and 7.288971). */
const NEUTRON_HYDROGEN = 0.782347;
/** B(⁴He), MeV (AME2020). */
const HELIUM_4 = 28.295662;

const HEADER = "Z,N,A,element,binding_energy_per_nucleon_keV,uncertainty_keV,estimated";

/**
 * The nuclei of a table in the format of `data/ame2020.csv`, the atomic mass evaluation AME2020 (Chinese Physics C 45, 030003, 2021):
 * a line each with the binding energy per nucleon and its uncertainty in keV.
 *
 * Throws a SyntaxError that names the line where the text is not of this format.
 */
export function parseNuclei(text: string): Nucleus[] {
  const [header, ...lines] = text.trim().split(/\r?\n/);
  if (header !== HEADER) throw new SyntaxError(`A table of nuclei begins with "${HEADER}", got "${header}".`);
  return lines.map((line, i) => {
    const cells = line.split(",");
    const [Z, N, A, perNucleon, uncertainty, estimated] = cells.toSpliced(3, 1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const whole = [Z, N, A].every((count) => Number.isInteger(count) && count >= 0) && A === Z + N;
    if (
      cells.length !== 7 ||
      !whole ||
      !Number.isFinite(perNucleon) ||
      !(uncertainty >= 0) ||
      (estimated !== 0 && estimated !== 1)
    )
      throw new SyntaxError(`Line ${i + 2} of the table of nuclei, "${line}", does not fit the columns ${HEADER}.`);
    return {
      Z,
      N,
      A,
      element: cells[3]!,
      binding: (A * perNucleon) / 1000,
      uncertainty: (A * uncertainty) / 1000,
      estimated: estimated === 1,
    };
  });
}

/** Finds nuclei by their numbers of protons and neutrons. */
export function nuclideChart(nuclei: readonly Nucleus[]): (Z: number, N: number) => Nucleus | undefined {
  const chart = new Map(nuclei.map((nucleus) => [`${nucleus.Z},${nucleus.N}`, nucleus]));
  return (Z, N) => chart.get(`${Z},${N}`);
}

/**
 * Decay and separation energies of a nucleus; NaN where one of the nuclei involved is not known.
 *
 * @param binding binding energy in MeV, undefined where unknown: a table's, or a model's
 */
export function decayEnergies(
  { Z, N }: { readonly Z: number; readonly N: number },
  binding: (Z: number, N: number) => number | undefined,
): DecayEnergies {
  const own = binding(Z, N) ?? NaN;
  const from = (z: number, n: number) => own - (binding(z, n) ?? NaN);
  return {
    neutronSeparation: from(Z, N - 1),
    protonSeparation: from(Z - 1, N),
    twoNeutronSeparation: from(Z, N - 2),
    alpha: HELIUM_4 - from(Z - 2, N - 2),
    betaMinus: NEUTRON_HYDROGEN - from(Z + 1, N - 1),
  };
}

/** Distance to the nearest magic number: valence particles or holes. */
export const valence = (nucleons: number): number =>
  Math.min(...MAGIC_NUMBERS.map((magic) => Math.abs(nucleons - magic)));
