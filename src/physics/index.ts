export { fitMassFormula, type MassFormula, type MassFormulaName } from "./mass-formula.js";
export {
  type DecayEnergies,
  decayEnergies,
  MAGIC_NUMBERS,
  type Nucleus,
  nuclideChart,
  parseNuclei,
  valence,
} from "./nuclei.js";
export {
  decay,
  type FourVector,
  ginkgoJet,
  type GinkgoJet,
  type GinkgoParameters,
  ginkgoSplits,
  publishedGinkgoBound,
  publishedGinkgoSplits,
  squaredMass,
} from "./ginkgo.js";
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
export { masslessPhaseSpace, pairMassSquared, relativeMomenta, toMasslessEvent } from "./phase-space.js";
export { angleBetween, fibonacciSphere, sphereWithoutBand, uniformSphere } from "./sphere.js";
export { cliffordFromDonut, cliffordTorus, donut, torusGrid, uniformCliffordTorus } from "./torus.js";
