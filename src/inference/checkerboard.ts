import { constant, type Key, scalar, type Tensor } from "../tensor/index.js";
import type { TransitionKernel } from "./transition.js";

export interface CheckerboardOptions {
  /** S = −log p up to a constant: an f32 scalar. */
  readonly action: (field: Tensor) => Tensor;
  /** The terms of S that a site is part of, if it had another value; of the field's shape. Neighbours may appear, no others. */
  readonly siteAction: (value: Tensor, field: Tensor) => Tensor;
  /** Proposals are uniform within this distance of the old value. */
  readonly stepSize: number;
}

/**
 * Metropolis' algorithm site by site, all sites of one colour of the checkerboard at once: a sweep over an even-sided
 * square lattice. `accepted` is the share of sites that moved.
 */
export function checkerboardMetropolis({
  action,
  siteAction,
  stepSize,
}: CheckerboardOptions): TransitionKernel<Tensor> {
  const sweep = (field: Tensor, colour: number, key: Key) => {
    const proposal = field.add(key.fold(0).uniform(field.shape, -stepSize, stepSize));
    const change = siteAction(proposal, field).sub(siteAction(field, field));
    const accept = key.fold(1).uniform(field.shape).less(change.neg().exp());
    const moved = accept.cast("f32").mul(constant(sitesOf(field.shape, colour), field.shape));
    return { field: field.add(proposal.sub(field).mul(moved)), moved: moved.sum() };
  };
  return {
    init: (configuration) => ({ configuration, action: action(configuration) }),
    step({ configuration }, key) {
      const even = sweep(configuration, 0, key.fold(0));
      const odd = sweep(even.field, 1, key.fold(1));
      const sites = configuration.shape.reduce((a, b) => a * b, 1);
      return {
        state: { configuration: odd.field, action: action(odd.field) },
        accepted: even.moved.add(odd.moved).div(sites),
        // Every site had a test of its own.
        energyError: scalar(0),
      };
    },
  };
}

/** 1 on the sites of one colour, 0 on the others. */
function sitesOf(shape: readonly number[], colour: number): number[] {
  const [height = 1, width = 1] = shape;
  if (shape.length !== 2 || height % 2 !== 0 || width % 2 !== 0) {
    throw new RangeError(`checkerboardMetropolis takes square lattices with even sides, got [${shape.join(", ")}].`);
  }
  return Array.from({ length: height * width }, (_, site) =>
    (Math.floor(site / width) + site) % 2 === colour ? 1 : 0,
  );
}
