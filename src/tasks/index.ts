export {
  additionTask,
  type AdditionTask,
  grokkingRate,
  linearFreedom,
  predictedAccuracy,
  representationQuality,
} from "./addition.js";
