export {
  additionTask,
  type AdditionTask,
  grokkingRate,
  linearFreedom,
  predictedAccuracy,
  representationQuality,
} from "./addition.js";
export { modularAdditionTask, type ModularAdditionTask } from "./modular-addition.js";
