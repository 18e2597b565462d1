import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { npmPeer, repositoryRoot } from "./environment.js";

const TFJS_NODE = "@tensorflow/tfjs-node@4.22.0";
const TFJS = "@tensorflow/tfjs@4.22.0";
const TENSORFLOW = "tensorflow-cpu==2.21.0";

/**
 * TensorFlow.js for comparison: with the native TensorFlow of a Python wheel, or where that cannot be built (its Node is
 * 20), with its own code on the CPU.
 */
export function tfjsPackage(): { path: string; problem?: string } {
  try {
    const manifest = npmPeer(TFJS_NODE, "@tensorflow/tfjs-node/package.json", ["--ignore-scripts"]);
    const folder = dirname(manifest);
    if (!existsSync(`${folder}/lib/napi-v8/tfjs_binding.node`)) {
      console.log(`Building ${TFJS_NODE} with ${TENSORFLOW} …`);
      execFileSync("bash", [`${repositoryRoot}tensorflow/tfjs-node-from-wheel.sh`, folder, TENSORFLOW], {
        stdio: "inherit",
      });
    }
    return { path: folder };
  } catch (error) {
    return { path: dirname(npmPeer(TFJS, "@tensorflow/tfjs/package.json")), problem: String(error).split("\n")[0]! };
  }
}
