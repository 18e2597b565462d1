/** What people call a quantity of members, and its unit: on axes, in legends and read-outs, and in tables that figures export. */
export interface ColumnText {
  /** The quantity's name in words; its name in code when left out. */
  readonly label?: string;
  /** Such as "MeV" or "lattice spacings"; quantities without one are pure numbers. */
  readonly unit?: string;
}

/** Labels and units of quantities by their names in code: of hyperparameters and, where there are any, of metrics. */
export type ColumnTexts<Name extends string = string> = { readonly [name in Name]?: ColumnText };

const KEYS: readonly string[] = ["label", "unit"] satisfies (keyof ColumnText)[];

/**
 * Checks labels and units that a person gave; cells run without a type check.
 *
 * @param names The quantities that there are.
 * @throws {RangeError} when a quantity or a property does not exist
 * @throws {TypeError} when a label or a unit is no text, or an empty one
 */
export function checkColumnTexts(caller: string, texts: ColumnTexts, names: readonly string[]): void {
  for (const [name, text] of Object.entries<unknown>(texts)) {
    if (!names.includes(name)) {
      throw new RangeError(
        `${caller}: columns has "${name}", but there are ${names.map((one) => `"${one}"`).join(", ")}.`,
      );
    }
    if (typeof text !== "object" || text === null) {
      throw new TypeError(`${caller}: give "${name}" as { label: "…", unit: "…" }, got ${JSON.stringify(text)}.`);
    }
    for (const [key, value] of Object.entries(text)) checkText(`${caller}: "${name}"`, key, value);
  }
}

function checkText(where: string, key: string, value: unknown): void {
  if (!KEYS.includes(key)) throw new RangeError(`${where} has a "${key}"; columns have ${KEYS.join(" and ")}.`);
  if (typeof value !== "string" || value.trim() === "") {
    throw new TypeError(
      `${where}: a ${key} is a text, got ${JSON.stringify(value)}; leave it out where there is none.`,
    );
  }
}

/** Labels and units from several places; those of later ones win, label and unit each for itself. */
export function mergeColumnTexts(...places: readonly (ColumnTexts | undefined)[]): ColumnTexts {
  const merged: Record<string, ColumnText> = {};
  for (const texts of places)
    for (const [name, text] of Object.entries(texts ?? {})) merged[name] = { ...merged[name], ...text };
  return merged;
}
