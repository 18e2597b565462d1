import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { kernelspec } from "../kernel/kernelspec.js";
import { CommandError } from "./command-error.js";
import { installExamples } from "./examples.js";
import { hiddenFromOthers } from "./hidden-from-others.js";

/** Name of the kernelspec's folder, by which notebooks refer to the kernel. */
export const KERNEL_NAME = "phasebook";

/** Name of the extension's npm package, which is its folder under `labextensions/`. */
export const EXTENSION_NAME = "@phasebook/jupyterlab";

export interface InstallOptions {
  /** Jupyter's data folder: it gets `kernels/phasebook` and `labextensions/@phasebook/jupyterlab`. */
  dataFolder: string;
  /** Folder of this package, with the built extension. */
  packageRoot: string;
  /** Absolute path of the Node that is to run the kernel. */
  nodePath: string;
}

const kernelFolder = (dataFolder: string): string => join(dataFolder, "kernels", KERNEL_NAME);
const extensionFolder = (dataFolder: string): string => join(dataFolder, "labextensions", EXTENSION_NAME);

/** Puts kernelspec and extension into a Jupyter, in place of earlier ones; all users can read what it writes. */
export function install({ dataFolder, packageRoot, nodePath }: InstallOptions): void {
  const built = join(packageRoot, "extension", "labextension");
  if (!existsSync(join(built, "package.json"))) {
    throw new CommandError(`No built extension in ${built}: run \`npm run setup\` in the checkout.`);
  }
  explainFailure(dataFolder, () => {
    replaceFolder(kernelFolder(dataFolder), (folder) => {
      cpSync(join(packageRoot, "jupyter-config", "kernelspec"), folder, { recursive: true });
      writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(kernelspec(nodePath, packageRoot), null, 2)}\n`);
    });
    replaceFolder(extensionFolder(dataFolder), (folder) => {
      cpSync(built, folder, { recursive: true });
      installExamples(join(packageRoot, "notebooks"), join(folder, "examples"));
      writeFileSync(join(folder, "install.json"), `${JSON.stringify(INSTALL_METADATA, null, 2)}\n`);
    });
  });
  console.log(`Installed the kernel and the extension into ${dataFolder}`);
  tellOfHiddenPrograms(dataFolder, [nodePath, join(packageRoot, "dist", "kernel", "main.js")]);
  if (/[/\\]_npx[/\\]/.test(packageRoot)) {
    console.log(
      `They run from npx's cache, ${packageRoot}; \`npm install --global phasebook\` and a second install give them a lasting place.`,
    );
  }
}

/** Where others see the kernelspec, they should be able to run what it starts: not what lies in root's own folder. */
function tellOfHiddenPrograms(dataFolder: string, programs: string[]): void {
  if (hiddenFromOthers(join(kernelFolder(dataFolder), "kernel.json")) !== undefined) return;
  const hidden = programs.map(hiddenFromOthers).find((path) => path !== undefined);
  if (hidden === undefined) return;
  console.log(
    `Only you can run this kernel: other users may not read ${hidden}. For all users, install Node and Phasebook where ` +
      "they can: (umask 022; npm install --global --prefix /opt/phasebook phasebook).",
  );
}

/** What JupyterLab's extension manager shows about where the extension came from. */
const INSTALL_METADATA = {
  packageManager: "npm",
  packageName: "phasebook",
  uninstallInstructions: "Run `npx phasebook uninstall` with the options that were given to `npx phasebook install`.",
};

/** Takes kernelspec and extension out of a Jupyter; what is not there is no error. */
export function uninstall({ dataFolder }: { dataFolder: string }): void {
  const present = [kernelFolder(dataFolder), extensionFolder(dataFolder)].filter((folder) => existsSync(folder));
  explainFailure(dataFolder, () => {
    for (const folder of present) rmSync(folder, { recursive: true });
    removeIfEmpty(dirname(extensionFolder(dataFolder)));
  });
  console.log(present.length > 0 ? `Removed ${present.join(" and ")}` : `Nothing of Phasebook is in ${dataFolder}`);
}

function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

function replaceFolder(folder: string, fill: (folder: string) => void): void {
  rmSync(folder, { recursive: true, force: true });
  const firstMade = mkdirSync(folder, { recursive: true }) ?? folder;
  fill(folder);
  makeReadable(firstMade);
}

/** Lets every user read a folder and all in it, whatever the umask was. */
function makeReadable(path: string): void {
  const isFolder = statSync(path).isDirectory();
  chmodSync(path, isFolder ? 0o755 : 0o644);
  if (isFolder) for (const name of readdirSync(path)) makeReadable(join(path, name));
}

/** What keeps one from writing somewhere and is the user's to mend: permissions, a file in the way, a full disk. */
const OBSTACLES = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOSPC"]);

function explainFailure(dataFolder: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && OBSTACLES.has(String(error.code)))) throw error;
    throw new CommandError(
      `Cannot write in ${dataFolder} (${error.message}): use --user, or --prefix with a folder of your own.`,
    );
  }
}
