/**
 * Colours come from JupyterLab's variables where they exist, so that its themes are followed live; elsewhere from the
 * page's colour scheme.
 */
const CSS = `
.phasebook-figure {
  --phasebook-text: var(--jp-content-font-color1, light-dark(#1f2328, #e6edf3));
  --phasebook-muted: var(--jp-content-font-color2, light-dark(#59636e, #9198a1));
  --phasebook-axis: var(--jp-content-font-color3, light-dark(#6e7781, #8b949e));
  --phasebook-surface: var(--jp-layout-color0, light-dark(#ffffff, #0d1117));
  --phasebook-grid: color-mix(in srgb, var(--phasebook-text) 11%, var(--phasebook-surface));
  --phasebook-raised: var(--jp-layout-color1, light-dark(#ffffff, #161b22));
  --phasebook-border: var(--jp-border-color1, light-dark(#d1d9e0, #3d444d));
  --phasebook-accent: var(--jp-brand-color1, light-dark(#0969da, #4493f8));
  --phasebook-warning: light-dark(#d55e00, #ff8a3d);
  --phasebook-empty: var(--jp-layout-color2, light-dark(#eff1f4, #21262d));
  --phasebook-neutral: var(--jp-content-font-color2, light-dark(#57606a, #9198a1));
  position: relative;
  color: var(--phasebook-text);
  font: 12px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  padding: 6px 4px;
  container-type: inline-size;
}
.phasebook-header { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 12px; padding: 0 4px; min-height: 26px; }
.phasebook-title { font-size: 15px; font-weight: 600; flex: 1 1 auto; }
.phasebook-state { display: flex; flex: 0 1 auto; align-items: baseline; gap: 2px 12px; margin-inline-start: auto; }
.phasebook-status { color: var(--phasebook-muted); font-variant-numeric: tabular-nums; }
.phasebook-note { color: var(--phasebook-text); border: 1px solid var(--phasebook-border); border-radius: 9px; padding: 0 8px; }
.phasebook-note:empty { display: none; }
.phasebook-bar { flex: 1 0 100%; height: 3px; border-radius: 2px; background: var(--phasebook-grid); overflow: hidden; }
.phasebook-bar > div { height: 100%; background: var(--phasebook-accent); transform-origin: left; }
.phasebook-tools { display: flex; gap: 2px; margin-inline-start: auto; }
.phasebook-tools button {
  all: unset; width: 22px; height: 22px; border-radius: 4px; text-align: center; color: var(--phasebook-muted);
  font-size: 15px; line-height: 22px; cursor: pointer;
}
.phasebook-export { position: relative; }
.phasebook-menu {
  position: absolute; right: 0; top: 24px; z-index: 11; display: none; padding: 4px; border-radius: 5px;
  border: 1px solid var(--phasebook-border); background: var(--phasebook-raised); box-shadow: 0 2px 8px rgb(0 0 0 / 18%);
}
.phasebook-tools .phasebook-menu button { width: auto; padding: 0 8px; font-size: 12px; text-align: start; white-space: nowrap; }
.phasebook-tools button:hover { background: var(--phasebook-empty); color: var(--phasebook-text); }
.phasebook-tools button:disabled { opacity: 0.35; cursor: default; background: none; }
.phasebook-panels { display: flex; flex-wrap: wrap; gap: 8px 14px; padding-top: 6px; }
.phasebook-view { flex: 1 1 270px; min-width: 0; max-width: 640px; }
.phasebook-sliders { display: flex; flex-wrap: wrap; gap: 2px 14px; padding: 0 8px; }
.phasebook-sliders label { display: flex; align-items: center; gap: 6px; flex: 1 1 180px; min-width: 0; }
.phasebook-sliders input { flex: 1 1 60px; min-width: 40px; accent-color: var(--phasebook-accent); margin: 0; }
.phasebook-sliders input:focus-visible { border-radius: 4px; }
.phasebook-sliders span { color: var(--phasebook-muted); }
.phasebook-sliders output { font-variant-numeric: tabular-nums; min-width: 4em; }
.phasebook-panel {
  position: relative; height: clamp(285px, 22cqi, 360px); border-radius: 4px;
  outline: none; user-select: none; touch-action: manipulation;
}
.phasebook-view:only-child > .phasebook-panel[data-view="latent-space"] { height: clamp(285px, 40cqi, 460px); }
.phasebook-panel:focus-visible, .phasebook-tools button:focus-visible, .phasebook-sliders input:focus-visible {
  outline: 2px solid var(--phasebook-accent); outline-offset: 1px;
}
.phasebook-panel.phasebook-held { outline: 2px dashed var(--phasebook-accent); outline-offset: 1px; }
.phasebook-panel > * { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
.phasebook-panel > svg { overflow: visible; font-family: inherit; }
.phasebook-panel.phasebook-on-member { cursor: pointer; }
.phasebook-details { display: flex; flex-wrap: wrap; gap: 0 14px; padding: 4px 4px 0; min-height: 22px; }
.phasebook-details > span { white-space: nowrap; }
.phasebook-details > .phasebook-label { white-space: normal; }
.phasebook-label { color: var(--phasebook-muted); margin-inline-end: 4px; }
.phasebook-value { font-variant-numeric: tabular-nums; }
.phasebook-member { font-weight: 600; }
.phasebook-tooltip {
  position: absolute; z-index: 10; display: none; grid-template-columns: auto auto; gap: 0 10px; padding: 5px 9px;
  max-width: 280px; pointer-events: none; border: 1px solid var(--phasebook-border); border-radius: 5px;
  background: var(--phasebook-raised); box-shadow: 0 2px 8px rgb(0 0 0 / 18%); font-size: 11.5px;
}
.phasebook-tooltip > .phasebook-member { grid-column: 1 / -1; }
.phasebook-tooltip > .phasebook-value { text-align: end; }
.phasebook-hidden {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.phasebook-probe {
  position: absolute; width: 0; height: 0; visibility: hidden; transition: color 1ms, background-color 1ms;
  color: var(--phasebook-text); background-color: var(--phasebook-surface);
}
`;

const MARK = "data-phasebook-styles";

/** Adds the figures' style sheet to the document or shadow root of `host`, once. */
export function installStyles(host: Element): void {
  const root = host.getRootNode();
  const target = root instanceof ShadowRoot ? root : document.head;
  if (target.querySelector(`style[${MARK}]`)) return;
  const style = document.createElement("style");
  style.setAttribute(MARK, "");
  style.textContent = CSS;
  target.append(style);
}
