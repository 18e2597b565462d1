/**
 * Trains one network after the other with TensorFlow.js: `tfjs-training.mjs PACKAGE WIDTHS BATCH STEPS`. Says what it runs
 * on, and answers every line with the seconds of one training by Adam, after it has been run once.
 */
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import util from "node:util";

// tfjs-node calls it; Node 23 has removed it.
util.isNullOrUndefined ??= (value) => value === null || value === undefined;

const [path, widthsText, batchText, stepsText] = process.argv.slice(2);
const tf = createRequire(import.meta.url)(path);
const widths = widthsText.split("-").map(Number);
const [batch, steps] = [Number(batchText), Number(stepsText)];
const middle = (widths.length - 1) / 2;

function train(count) {
  const x = tf.randomNormal([batch, widths[0]]);
  const layers = widths.slice(1).map((out, l) => ({
    weight: tf.variable(tf.randomNormal([widths[l], out], 0, Math.sqrt(1 / widths[l]))),
    bias: tf.variable(tf.zeros([out])),
  }));
  const optimizer = tf.train.adam(1e-3);
  const loss = () => {
    let h = x;
    layers.forEach(({ weight, bias }, l) => {
      h = h.matMul(weight).add(bias);
      const isLinear = l === middle - 1 || l === layers.length - 1;
      if (!isLinear) h = h.tanh();
    });
    return h.sub(x).square().sum(1).mean();
  };
  const start = performance.now();
  for (let step = 0; step < count; step++) optimizer.minimize(loss);
  layers[0].weight.dataSync();
  const seconds = (performance.now() - start) / 1000;
  optimizer.dispose();
  tf.dispose([x, ...layers.flatMap(({ weight, bias }) => [weight, bias])]);
  return seconds;
}

await tf.ready();
train(10);
console.log(`${tf.version["tfjs-node"] ? "tfjs-node" : "tfjs"} ${tf.version.tfjs}, backend ${tf.getBackend()}`);
createInterface({ input: process.stdin }).on("line", () => console.log(train(steps)));
