import { statSync } from "node:fs";
import { dirname } from "node:path";

const OTHERS_MAY_READ = 0o004;
const OTHERS_MAY_ENTER = 0o001;

/**
 * What keeps users other than the owner and its group from reading a file or folder: itself, or a folder on the way to
 * it. Undefined if nothing does, or where there are no such modes (Windows).
 */
export function hiddenFromOthers(path: string): string | undefined {
  if (process.platform === "win32") return undefined;
  const folder = dirname(path);
  const above = folder === path ? undefined : hiddenWay(folder);
  return above ?? (statSync(path).mode & OTHERS_MAY_READ ? undefined : path);
}

function hiddenWay(folder: string): string | undefined {
  const above = dirname(folder) === folder ? undefined : hiddenWay(dirname(folder));
  return above ?? (statSync(folder).mode & OTHERS_MAY_ENTER ? undefined : folder);
}
