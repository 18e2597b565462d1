/** What draws figures: loaded with the first figure, not with JupyterLab. */
export { mount, type MountedFigure } from "../views/dom/mount.js";
export { toSVG } from "../views/to-svg.js";
