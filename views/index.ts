/** The drawing core: figure payloads to pictures and pages. It knows no notebook and, but for `dom/`, no DOM. */
export { base64FromBytes, decodeArray, finiteExtent, type DecodedArray } from "./arrays.js";
export { FigureModel } from "./figure-model.js";
export { withUnit } from "./format.js";
export { PayloadError, parsePayload } from "./payload.js";
export { type Choice, SelectionHistory } from "./selection.js";
export { distinctValues } from "./phase-axis.js";
export { toSVG, type StaticPictureOptions } from "./to-svg.js";
