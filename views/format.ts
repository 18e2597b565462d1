/** Numbers, durations and rates as people read them: true minus signs, thin powers of ten, no spurious digits. */

const SUPERSCRIPTS: Record<string, string> = {
  "-": "⁻",
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
};

/** `powerOfTen(-3)` is `"10⁻³"`. */
export function powerOfTen(exponent: number): string {
  return "10" + String(exponent).replace(/[-0-9]/g, (digit) => SUPERSCRIPTS[digit] ?? "");
}

/** The number with `digits` significant digits, in powers of ten when it is very large or very small; "—" for NaN. */
export function formatNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "—";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (magnitude >= 1e-3 && magnitude < 1e6) return sign + plain(magnitude, digits);
  const [mantissa = "1", exponent = "0"] = magnitude.toExponential(digits - 1).split("e");
  const trimmed = trimZeros(mantissa);
  const power = powerOfTen(Number(exponent));
  return sign + (trimmed === "1" ? power : `${trimmed}×${power}`);
}

function plain(magnitude: number, digits: number): string {
  if (Number.isInteger(magnitude)) return groupThousands(String(magnitude));
  if (magnitude >= 10 ** digits) return groupThousands(magnitude.toFixed(0));
  return trimZeros(magnitude.toPrecision(digits));
}

const trimZeros = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

const groupThousands = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** `formatValue(0.01, "nats")` is `"0.01 nats"`. */
export function formatValue(value: number, unit?: string): string {
  const text = formatNumber(value);
  return unit && !Number.isNaN(value) ? `${text} ${unit}` : text;
}

/** Seconds as `"8.3 s"`, `"1:05"` or `"2:00:09"`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "—";
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
  const whole = Math.floor(seconds);
  const pad = (part: number) => String(part).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

const PREFIXES = ["", " k", " M", " G", " T"];

/** A count with three significant digits and an SI prefix: `"41.2 k"`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return "—";
  let scaled = count;
  let prefix = 0;
  while (Math.abs(scaled) >= 999.5 && prefix < PREFIXES.length - 1) {
    scaled /= 1000;
    prefix += 1;
  }
  return formatNumber(Number(scaled.toPrecision(3))) + (PREFIXES[prefix] ?? "");
}

/** `count` of `noun`, in the plural where needed: `"1 member"`, `"96 members"`. */
export const plural = (count: number, noun: string): string =>
  `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;

/** `"loss (nats)"`. */
export const withUnit = (label: string, unit?: string): string => (unit ? `${label} (${unit})` : label);
