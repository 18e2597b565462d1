/**
 * A real browser for tests, driven by playwright-core: a Chromium or Chrome of the system, else the one that the npm
 * package @sparticuz/chromium carries. When neither starts, the test fails and names both; it never skips.
 */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";
import { fromRoot } from "./paths.js";

/** A way to start a browser: its program, and what that needs in the environment. */
interface BrowserProgram {
  readonly executablePath: string;
  readonly env?: Record<string, string>;
}

export interface BrowserOptions {
  /** Folders in which to look for a system browser, in the form of `PATH`. */
  searchPath?: string;
  /** How to get the browser from npm; tests of this file replace it. */
  npmBrowser?: () => Promise<BrowserProgram>;
  /** Further options of Chromium's command line. */
  args?: string[];
}

const SYSTEM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const APPLICATIONS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * Software rendering, so that WebGL is there without a GPU, and the rest of the page drawn without it, which takes a
 * seventh of the time; no sandbox, because it refuses root and most containers.
 */
const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
  "--disable-gpu-compositing",
];

/** Launches a headless browser, from the system or from npm; the caller closes it. */
export async function launchBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const { searchPath = process.env["PATH"] ?? "", npmBrowser = unpackNpmBrowser, args = [] } = options;
  const failures: string[] = [];
  for (const find of [() => findSystemBrowser(searchPath), npmBrowser]) {
    try {
      const { executablePath, env = {} } = await find();
      return await chromium.launch({
        executablePath,
        args: [...CHROMIUM_ARGS, ...args],
        env: { ...processEnv(), ...env },
      });
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    "No browser for the tests. Install Chromium or Chrome (Debian: `apt-get install chromium`), " +
      `or reinstall the npm package @sparticuz/chromium (\`npm ci\`).\n- ${failures.join("\n- ")}`,
  );
}

async function findSystemBrowser(searchPath: string): Promise<BrowserProgram> {
  const onPath = searchPath
    .split(delimiter)
    .filter((folder) => folder !== "")
    .flatMap((folder) => SYSTEM_NAMES.map((name) => join(folder, name)));
  for (const executablePath of [...onPath, ...APPLICATIONS]) {
    if (await isExecutable(executablePath)) return { executablePath };
  }
  throw new Error(`No ${SYSTEM_NAMES.join(", ")} in ${searchPath}`);
}

/**
 * Unpacks the browser, its libraries (NSS, NSPR, expat) and fonts beside the npm cache, once. A program of its own does
 * it, because the package always unpacks into the temporary folder, which may hold another version or half of one.
 */
async function unpackNpmBrowser(): Promise<BrowserProgram> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`@sparticuz/chromium is for Linux on x64, this is ${process.platform} on ${process.arch}`);
  }
  const folder = fromRoot(`node_modules/.cache/phasebook/chromium-${await packageVersion()}`);
  const executablePath = join(folder, "chromium");
  if (!(await isExecutable(executablePath))) {
    const partial = `${folder}.${process.pid}`;
    await mkdir(partial, { recursive: true });
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", UNPACK], {
      cwd: fromRoot("."),
      env: { ...process.env, TMPDIR: partial },
    });
    await writeFile(join(partial, "fonts", "fonts.conf"), fontsConfiguration(join(folder, "fonts")));
    await rename(partial, folder).catch(() => rm(partial, { recursive: true })); // another test was faster
  }
  const libraries = [join(folder, "al2023", "lib"), process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(delimiter);
  return { executablePath, env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(folder, "fonts", "fonts.conf") } };
}

const UNPACK = `
  import { fileURLToPath } from "node:url";
  import chromium, { inflate } from "@sparticuz/chromium";
  await chromium.executablePath();
  await inflate(fileURLToPath(new URL("../bin/al2023.tar.br", import.meta.resolve("@sparticuz/chromium"))));
`;

/** The system's fonts, if it has any, and the package's. */
const fontsConfiguration = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${folder}</dir>
  <cachedir>${join(folder, "cache")}</cachedir>
</fontconfig>
`;

async function packageVersion(): Promise<string> {
  const manifest = await readFile(fromRoot("node_modules/@sparticuz/chromium/package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** This process's environment without the variables that are unset. */
function processEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
