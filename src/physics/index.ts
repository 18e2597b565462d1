export { magnetization, phi4Action, type Phi4Couplings, phi4Gradient } from "./phi4.js";
export { angleBetween, fibonacciSphere, uniformSphere } from "./sphere.js";
