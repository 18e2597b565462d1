/** Which engine computes where none is named, why others do not, and how one is named; results tell which it was. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { engine, type EngineReport, engines } from "../../src/engines/index.js";
import { evaluate, grid, metropolis, sample, seeds, type Tensor } from "../../src/index.js";
import { fromRoot } from "../support/paths.js";
import { softwareGpuEnvironment } from "../support/software-gpu.js";

/** What a process prints whose environment has some variables more. */
async function outputOf(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const options = { env: { ...process.env, PHASEBOOK_ENGINE: "", ...environment } };
  // The command ends with 1 where anything else is missing.
  const run = promisify(execFile)(process.execPath, args, options).catch(
    (error: unknown) => error as { stdout: string },
  );
  return (await run).stdout;
}

/** The engines that another process finds. */
async function enginesIn(environment: NodeJS.ProcessEnv): Promise<EngineReport[]> {
  const program = `
    import { engines } from ${JSON.stringify(fromRoot("dist/src/engines/index.js"))};
    console.log(JSON.stringify(await engines()));
    process.exit(0);
  `;
  return JSON.parse(await outputOf(["--input-type=module", "--eval", program], environment)) as EngineReport[];
}

const onLinux = { skip: process.platform !== "linux" && "Vulkan's drivers are named so on Linux only" };

test("without a GPU's driver the CPU is chosen, and it is said what is missing", onLinux, async () => {
  const reports = await enginesIn({ VK_DRIVER_FILES: "/nowhere.json" });
  assert.equal(reports[0]!.name, "cpu");
  assert.equal(reports[0]!.notChosen, undefined);
  const gpu = reports.find(({ name }) => name === "webgpu")!;
  assert.match(gpu.notChosen!, /Vulkan/);
  assert.deepEqual(reports.map(({ name }) => name).sort(), [
    "cpu",
    "reference",
    "tensorflow",
    "webgpu",
    "webgpu-float16",
  ]);
  for (const { name, notChosen } of reports.slice(1)) assert.ok(notChosen, `${name} says why it is not chosen`);
});

test("an adapter made of software is listed with vendor, driver and limits, and not chosen", onLinux, async () => {
  const reports = await enginesIn(await softwareGpuEnvironment());
  assert.equal(reports[0]!.name, "cpu");
  const { adapters, notChosen, description } = reports.find(({ name }) => name === "webgpu")!;
  assert.match(notChosen!, /made of software/);
  const [adapter] = adapters!;
  assert.equal(adapter!.software, true);
  assert.match(`${adapter!.vendor} ${adapter!.driver}`, /google .*swiftshader/i);
  assert.ok(adapter!.workgroupBytes >= 16384 && adapter!.bufferBytes >= 2 ** 27 && adapter!.threads >= 128);
  assert.match(description, /KiB for \d+ threads, buffers of \d+ MiB/);
});

test("`phasebook doctor` lists adapters, and why they are not chosen", onLinux, async () => {
  const text = await outputOf([fromRoot("dist/cli/main.js"), "doctor"], await softwareGpuEnvironment());
  assert.match(text, /Engine cpu \(float32\): .*chosen automatically/);
  assert.match(
    text,
    /Engine webgpu \(float32\): .*SwiftShader.* KiB .* not chosen: its adapters are made of software/i,
  );
  assert.match(text, /Engine webgpu-float16 \(float32, stored as float16\): .*SwiftShader.* not chosen: /i);
  assert.match(text, /Engine tensorflow \(float32\): /);
});

/** The engine that a process has when nothing was computed for a moment after the library was imported. */
async function engineAfterImport(host: "a notebook" | "a script", environment: NodeJS.ProcessEnv): Promise<string> {
  const [index, protocol] = ["index", "protocol"].map((name) => JSON.stringify(fromRoot(`dist/src/${name}.js`)));
  const program = `
    import { NOTEBOOK_HOST } from ${protocol};
    if (${host === "a notebook"}) globalThis[NOTEBOOK_HOST] = {};
    const { engine } = await import(${index});
    const isOpen = () => engine().name !== "automatic";
    for (let i = 0; i < ${host === "a notebook" ? 1000 : 20} && !isOpen(); i++) await new Promise((turn) => setTimeout(turn, 20));
    console.log(engine().name);
    process.exit(0);
  `;
  return (await outputOf(["--input-type=module", "--eval", program], environment)).trim();
}

test("in a notebook the engine is started when the library is imported, elsewhere when it is used", async () => {
  const noGpu = { VK_DRIVER_FILES: "/nowhere.json" };
  assert.equal(await engineAfterImport("a notebook", noGpu), "cpu");
  assert.equal(await engineAfterImport("a script", noGpu), "automatic");
  assert.equal(await engineAfterImport("a notebook", { ...noGpu, PHASEBOOK_ENGINE: "reference" }), "reference");
});

test("a name that no engine has does not keep the library from being imported in a notebook", async () => {
  const text = await outputOf(
    [
      "--input-type=module",
      "--eval",
      `globalThis[Symbol.for("phasebook.host")] = {};
       const { engine } = await import(${JSON.stringify(fromRoot("dist/src/index.js"))});
       await new Promise((turn) => setTimeout(turn, 50));
       try { engine(); } catch (error) { console.log(error.message); }`,
    ],
    { PHASEBOOK_ENGINE: "abacus" },
  );
  assert.match(text, /There is no engine "abacus"/);
});

test("the environment names an engine, and results tell which it was", async () => {
  const before = process.env["PHASEBOOK_ENGINE"];
  process.env["PHASEBOOK_ENGINE"] = "reference";
  try {
    assert.equal(engine().name, "reference");
    const run = sample({
      chains: grid({ seed: seeds(2) }),
      init: ({ key }) => key.normal([1]),
      kernel: () =>
        metropolis({
          action: (x: Tensor) => x.square().sum().mul(0.5),
          propose: (x, key) => x.add(key.uniform([1], -2, 2)),
        }),
      observe: (x) => ({ x: x.sum() }),
      draws: 2,
    });
    await run.finished;
    assert.deepEqual(run.engine, { name: "reference", precision: "float64", description: engine().description });
    const { data } = await evaluate({ members: grid({ x: [1, 2] }), compute: ({ x }) => x.mul(2) });
    assert.deepEqual([...data], [2, 4]);
  } finally {
    if (before === undefined) delete process.env["PHASEBOOK_ENGINE"];
    else process.env["PHASEBOOK_ENGINE"] = before;
  }
  assert.throws(() => engine("abacus"), /There is no engine "abacus"/);
  assert.equal((await engines()).filter(({ notChosen }) => notChosen === undefined).length, 1);
});
