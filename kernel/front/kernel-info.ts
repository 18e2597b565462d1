import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROTOCOL_VERSION, type JsonObject } from "../wire/message.js";

/** Content of `kernel_info_reply`. @param nodeVersion Version of the Node that runs cells. */
export function kernelInfo(packageRoot: string, nodeVersion: string): JsonObject {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string };
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "phasebook",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: "5.9",
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", typescript: true },
      nbconvert_exporter: "script",
    },
    banner: `Phasebook ${version}: TypeScript on Node ${nodeVersion}`,
    debugger: true,
    supported_features: ["debugger"],
    help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
  };
}
