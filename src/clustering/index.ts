export { aStarHierarchy, type AStarResult } from "./a-star.js";
export { beamSearch } from "./beam-search.js";
export { HierarchicalTrellis } from "./hierarchical-trellis.js";
export {
  allHierarchies,
  clusterOf,
  clustersOf,
  type Hierarchy,
  hierarchyCount,
  logWeightOf,
  type SplitWeight,
  type WeightedHierarchy,
} from "./hierarchy.js";
export { monteCarloTreeSearch, type TreeSearchOptions } from "./tree-search.js";
