import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ILauncher } from "@jupyterlab/launcher";
import { LabIcon, notebookIcon } from "@jupyterlab/ui-components";
import { COMMANDS, KERNEL_NAME } from "./commands.js";
import type { Example } from "./examples.js";

const CATEGORY = "Phasebook";

/** Fills a section of the launcher: a new notebook first, then the examples in their order. */
export function addLauncherItems(launcher: ILauncher, examples: readonly Example[]): void {
  launcher.add({ command: COMMANDS.newNotebook, category: CATEGORY, rank: 0 });
  examples.forEach(({ file, title }, index) =>
    launcher.add({ command: COMMANDS.openExample, args: { file, title }, category: CATEGORY, rank: index + 1 }),
  );
}

/** The kernel's logo; a notebook where the kernel is not installed. */
export async function kernelIcon({ serviceManager }: JupyterFrontEnd): Promise<LabIcon> {
  await serviceManager.kernelspecs.ready;
  const url = serviceManager.kernelspecs.specs?.kernelspecs[KERNEL_NAME]?.resources["logo-svg"];
  if (url === undefined) return notebookIcon;
  const response = await fetch(url);
  return response.ok ? new LabIcon({ name: "phasebook:logo", svgstr: await response.text() }) : notebookIcon;
}
