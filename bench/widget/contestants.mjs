/* global addEventListener, atob, document, requestAnimationFrame, MessageChannel */
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

const phasebook = async ({ payload, buffers: encoded }) => {
  const { mount } = await import("/dist/views/dom/mount.js");
  const buffers = buffersOf(encoded);
  return (host) => {
    const shown = mount(payload, host, {}, { buffers });
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
  return (host) => {
    const drawn = Plotly.newPlot(
      host,
      [{ ...trace }],
      { width: 600, height: 360, dragmode: "pan" },
      { scrollZoom: true },
    );
    return {
      update: ({ rows }) => Plotly.restyle(host, { z: [rows] }),
      ready: () => drawn.then(painted),
      focus() {},
      onGpu: true,
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

const scatter3d = ([x, y, z, value]) => ({
  type: "scatter3d",
  mode: "markers",
  x,
  y,
  z,
  marker: { size: 2, color: value, colorscale: "Viridis" },
});

/** A picture of more than its background: the renderer behind a canvas draws when it likes. */
const canvasIsInked = async (host) => {
  for (;;) {
    await painted();
    const canvas = host.querySelector("canvas");
    if (!canvas?.width) continue;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    if (new Set(new Uint32Array(data.buffer)).size > 2) return;
  }
};

/** A widget's model as anywidget hands it over, without a kernel behind it. */
const widgetModel = (traits) => ({
  get: (name) => traits[name],
  set: (name, value) => (traits[name] = value),
  on() {},
  off() {},
  save_changes() {},
  send() {},
});

const jupyterScatter = async ({ script, traits }) => {
  const { default: widget } = await import(script);
  const arrays = Object.entries(traits).filter(([, value]) => typeof value?.view === "string");
  const decoded = arrays.map(([name, { view, ...rest }]) => {
    const [bytes] = buffersOf([view]);
    return [name, { ...rest, view: new DataView(bytes.buffer) }];
  });
  return (host) => {
    void widget.render({ model: widgetModel({ ...traits, ...Object.fromEntries(decoded) }), el: host });
    return { ready: () => canvasIsInked(host), focus: () => host.querySelector("canvas").focus(), onGpu: true };
  };
};

const CONTESTANTS = {
  "phase diagram": { Phasebook: phasebook, "plotly heatmap": (data) => plotly(heatmap(data)) },
  "latent space": {
    Phasebook: phasebook,
    "plotly scattergl": ({ encoded }) => plotly(scatter(floats(encoded))),
    "jupyter-scatter": jupyterScatter,
  },
  "cloud in space": {
    Phasebook: phasebook,
    "plotly scatter3d": ({ encoded }) => plotly(scatter3d(floats(encoded))),
  },
};

const probe = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");

/** Resolves when the picture is finished; what a graphics card draws, when a pixel of it can be read. */
const finished = async () => {
  await painted();
  if (!globalThis.shown.onGpu) return;
  for (const canvas of document.querySelectorAll("main canvas")) {
    if (canvas.width && canvas.height) probe.drawImage(canvas, 0, 0, 1, 1);
    probe.getImageData(0, 0, 1, 1);
  }
};

/** Loads what a contestant needs. */
export async function prepare(test, name, data) {
  globalThis.contestant = await CONTESTANTS[test][name](data);
}

/** Milliseconds until the contestant's first picture in an element of its own. */
export async function firstPicture() {
  const host = document.createElement("div");
  host.style = "width: 600px; height: 360px";
  document.querySelector("main").replaceChildren(host);
  await painted();
  await painted();
  const start = performance.now();
  globalThis.shown = globalThis.contestant(host);
  await globalThis.shown.ready();
  await finished();
  const time = performance.now() - start;
  globalThis.shown.focus();
  return time;
}

/** Milliseconds of each update with the next of several data. */
export async function updates(news, count) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await globalThis.shown.update(news[i % news.length]);
    await finished();
    times.push(performance.now() - start);
  }
  return times;
}

/** Collects how long input waits before the page looks at it. */
export function watchInput() {
  globalThis.waits = [];
  for (const type of ["wheel", "pointermove", "mousemove"]) {
    const onInput = ({ timeStamp }) => globalThis.waits.push(performance.now() - timeStamp);
    addEventListener(type, onInput, { capture: true, passive: true });
  }
}

export { finished };
