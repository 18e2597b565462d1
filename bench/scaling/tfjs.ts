import { CpuEngine } from "../../src/index.js";
import { CASES, nameOf, trainOnce } from "../ensembles/cases.js";
import { peerProgram } from "../peers/environment.js";
import { LineProcess } from "../peers/line-process.js";
import { tfjsPackage } from "../peers/tfjs.js";
import { interleaved } from "../quiet/index.js";
import { median, moreIsBetter, type Row } from "../report.js";

/** Steps of one of the peer's trainings; it takes one network after the other, so that its members' number does not matter. */
const PEER_STEPS = 50;

/** An ensemble against a loop of trainings with TensorFlow.js: steps of a member for each second. */
export async function tfjs(): Promise<{ rows: Row[]; versions: Record<string, string> }> {
  const { path, problem } = tfjsPackage();
  const engine = new CpuEngine();
  const rows: Row[] = [];
  let version = "";
  for (const one of CASES.slice(0, 2)) {
    const peer = new LineProcess(
      process.execPath,
      [peerProgram("tfjs-training.mjs"), path, one.widths.join("-"), String(one.batch), String(PEER_STEPS)],
      { likeWorkers: true },
    );
    version = await peer.read();
    await trainOnce(engine, one);
    const [ours, theirs] = (await interleaved([
      { measure: () => trainOnce(engine, one) },
      { measure: async () => Number(await peer.ask()), pids: [peer.pid] },
    ])) as [number[], number[]];
    await peer.close();
    const name = `a loop of trainings, ${version}`;
    const rate = (one.members * one.steps) / median(ours);
    rows.push(moreIsBetter(nameOf(one), "steps of a member a second", rate, PEER_STEPS / median(theirs), name));
  }
  await engine.dispose();
  return { rows, versions: { tfjs: problem ? `${version} (tfjs-node: ${problem})` : version } };
}
