/* global atob, document, requestAnimationFrame, MessageChannel, PerformanceObserver, performance, setTimeout */
/**
 * Runs in the browser. Each contestant shows data in an element, and then other data or from elsewhere; both are timed
 * until the next frame is painted.
 */

const load = (url) =>
  new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: url, onload: resolve, onerror: reject });
    document.head.append(script);
  });

/** Resolves when the browser has painted what is there now. */
const painted = () =>
  new Promise((resolve) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = resolve;
      channel.port2.postMessage(0);
    }),
  );

const canvasIsDrawn = async (host) => {
  // A canvas that nobody has drawn on has the default width.
  while ((host.querySelector("canvas")?.width ?? 300) === 300) await painted();
  await painted();
};

const buffersOf = (encoded) =>
  encoded.map((text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));

const phasebook = async () => {
  const { mount } = await import("/dist/views/dom/mount.js");
  return (host, { payload, buffers }) => {
    const shown = mount(payload, host, {}, { buffers: buffersOf(buffers) });
    return {
      update({ name, values }) {
        shown.update({ [name]: { type: "float64", shape: [values.length], buffer: 0 } }, payload.progress, [
          new Uint8Array(values.buffer),
        ]);
      },
      ready: () => canvasIsDrawn(host),
      focus: () => host.querySelector(".phasebook-panel").focus(),
    };
  };
};

const plotly = async (trace) => {
  await load("/node_modules/plotly.js-dist-min/plotly.min.js");
  const { Plotly } = globalThis;
  return (host, data) => {
    const drawn = Plotly.newPlot(host, [trace(data)], { width: 600, height: 360 }, { scrollZoom: true });
    return {
      update: ({ rows }) => Plotly.restyle(host, { z: [rows] }),
      ready: () => drawn.then(painted),
      focus() {},
    };
  };
};

const heatmap = ({ rows }) => ({ type: "heatmap", z: rows, colorscale: "Viridis" });
const floats = (encoded) => buffersOf(encoded).map((bytes) => new Float32Array(bytes.buffer));

const scatter = ([x, y, value]) => ({
  type: "scattergl",
  mode: "markers",
  x,
  y,
  marker: { size: 2, color: value, colorscale: "Viridis" },
});

const CONTESTANTS = {
  "phase diagram": { Phasebook: phasebook, "plotly heatmap": () => plotly(heatmap) },
  "latent space": {
    Phasebook: phasebook,
    "plotly scattergl": () => plotly(({ encoded }) => scatter(floats(encoded))),
  },
};

/** Starts a contestant: milliseconds of its first picture, of `count` pictures one after the other. */
export async function firstPictures(test, name, data, count) {
  const make = await CONTESTANTS[test][name]();
  const times = [];
  for (let i = 0; i < count; i++) {
    const host = document.createElement("div");
    host.style = "width: 600px; height: 360px";
    document.querySelector("main").replaceChildren(host);
    await painted();
    await painted();
    const start = performance.now();
    globalThis.shown = make(host, data);
    await globalThis.shown.ready();
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return times;
}

/** Milliseconds of each update with the next of several data. */
export async function updates(news, count) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await globalThis.shown.update(news[i % news.length]);
    await painted();
    times.push(performance.now() - start);
  }
  return times;
}

/** Collects the tasks that keep input waiting for more than 50 ms. */
export function watchLongTasks() {
  globalThis.longTasks = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration);
  });
  observer.observe({ entryTypes: ["longtask"] });
  globalThis.shown.focus();
}

export { painted };
