import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root folder of the checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Absolute path of something in the checkout. */
export const inRoot = (...parts) => join(root, ...parts);

/** The private Python environment. */
export const venv = inRoot(".venv");
export const venvPython =
  process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");

/** Python programs for the tests only. */
export const venvClients = join(venv, "clients");
