import { run } from "./commands.mjs";
import { Problem } from "./problem.mjs";

/** Oldest Python that JupyterLab 4.6 runs on. */
const OLDEST_PYTHON = [3, 10];

const NAMES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

const PROBE = `
import json, sys
try:
    import ensurepip, venv
    complete = True
except ImportError:
    complete = False
print(json.dumps({"version": list(sys.version_info[:3]), "executable": sys.executable, "complete": complete}))
`;

/**
 * Finds a Python that can make an environment for JupyterLab: $PYTHON if it is set, else the first that fits on the
 * PATH. Resolves with its executable; a {@link Problem} says what is wrong with the best one there is.
 */
export async function findPython() {
  const chosen = process.env.PYTHON;
  const found = [];
  for (const command of chosen ? [chosen] : NAMES) {
    const python = await probe(command);
    if (!python) continue;
    if (isRecent(python) && python.complete) return python.executable;
    found.push(python);
  }
  throw new Problem(explainNoPython(found, chosen));
}

/** What a command says of itself when it is a Python, else undefined. */
async function probe(command) {
  try {
    return JSON.parse(await run(command, ["-c", PROBE]));
  } catch {
    return undefined; // not there, or a stub (pyenv, Windows store) that only says so
  }
}

function isRecent({ version: [major, minor] }) {
  return major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]);
}

function explainNoPython(found, chosen) {
  const oldest = OLDEST_PYTHON.join(".");
  const remedy = `install Python ${oldest} or later (Debian, Ubuntu: \`apt-get install python3 python3-venv\`) or name one in the environment variable PYTHON`;
  const incomplete = found.find(isRecent);
  if (incomplete) {
    const version = incomplete.version.slice(0, 2).join(".");
    return `Python ${version} at ${incomplete.executable} lacks venv: \`apt-get install python${version}-venv\` (Debian, Ubuntu) adds it, or name another Python in the environment variable PYTHON.`;
  }
  if (found.length > 0) return `Python ${found[0].version.join(".")} at ${found[0].executable} is too old: ${remedy}.`;
  return chosen
    ? `PYTHON=${chosen} is not a Python that runs: ${remedy}.`
    : `No Python was found on the PATH: ${remedy}.`;
}
