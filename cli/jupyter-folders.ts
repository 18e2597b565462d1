/** Where Jupyter looks for kernels and extensions, as documented under "Common Directories and File Locations". */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { CommandError, UsageError } from "./command-error.js";
import { capture } from "./capture.js";

/** The choice of a Jupyter on the command line; nothing means the user's own folder. */
export interface Destination {
  user?: boolean | undefined;
  "sys-prefix"?: boolean | undefined;
  prefix?: string | undefined;
}

/** The data folder to install into: it holds `kernels/` and `labextensions/`. */
export async function dataFolder({ user, "sys-prefix": sysPrefix, prefix }: Destination): Promise<string> {
  if ([user, sysPrefix, prefix !== undefined].filter(Boolean).length > 1) {
    throw new UsageError("--user, --sys-prefix and --prefix exclude each other: give one of them.");
  }
  if (prefix === "") throw new UsageError("--prefix is empty: give a folder.");
  if (prefix !== undefined) return join(resolve(prefix), "share", "jupyter");
  return sysPrefix ? join(await activePrefix(), "share", "jupyter") : userDataFolder();
}

/** `sys.prefix` of the Python that is active: that of the virtual environment if there is one. */
async function activePrefix(): Promise<string> {
  for (const python of ["python3", "python"]) {
    const prefix = await capture(python, ["-c", "import sys; print(sys.prefix)"]);
    if (prefix) return prefix;
  }
  throw new CommandError(
    "--sys-prefix needs a Python on the PATH: activate its environment, or give the folder by --prefix DIR.",
  );
}

function userDataFolder(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, APPDATA } = process.env;
  if (JUPYTER_DATA_DIR) return resolve(JUPYTER_DATA_DIR);
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (process.platform === "win32" && APPDATA) return join(APPDATA, "jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}
