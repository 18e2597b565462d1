export {
  fromCheckerboard,
  magnetization,
  phi4Action,
  type Phi4Couplings,
  phi4Gradient,
  phi4SiteAction,
  phi4Virial,
} from "./phi4.js";
export { type Integrated, integrate, type IntegrateOptions } from "./ode.js";
export { angleBetween, fibonacciSphere, sphereWithoutBand, uniformSphere } from "./sphere.js";
