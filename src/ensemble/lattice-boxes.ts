/** A place on the lattice of all points that a refinement may visit, by axis. */
export type Site = readonly number[];

/** A cube of the lattice with all that lies in it. */
export interface Box {
  /** Its lowest corner. */
  readonly corner: Site;
  /** Its length along every axis: a power of two. */
  readonly side: number;
}

export const keyOf = (site: Site): string => site.join();

/** All sites whose distance from `corner` along every axis is one of `offsets`. */
export function sitesAt(corner: Site, offsets: readonly number[]): Site[] {
  return corner.reduce<number[][]>(
    (sites, start) => sites.flatMap((site) => offsets.map((offset) => [...site, start + offset])),
    [[]],
  );
}

/** The boxes of a grid with so many sites along each axis, `side` apart. */
export function gridBoxes(counts: readonly number[], side: number): Box[] {
  const along = (count: number) => Array.from({ length: count - 1 }, (_, i) => i * side);
  const corners = counts.reduce<number[][]>(
    (sites, count) => sites.flatMap((site) => along(count).map((at) => [...site, at])),
    [[]],
  );
  return corners.map((corner) => ({ corner, side }));
}

/** The sites that splitting a box needs: its corners, and all middles between them. */
export const sitesOfSplit = ({ corner, side }: Box): Site[] => sitesAt(corner, [0, side / 2, side]);

/** The boxes of half the side. */
export const splitBox = ({ corner, side }: Box): Box[] =>
  sitesAt(corner, [0, side / 2]).map((half) => ({ corner: half, side: side / 2 }));

/** The labels that are known in a box, its border included. */
export function labelsIn<L>({ corner, side }: Box, labels: ReadonlyMap<string, L>): Set<L> {
  const found = new Set<L>();
  // Splitting neighbours leaves sites on the border at any power of two.
  for (let step = side; step >= 1; step /= 2) {
    const offsets = Array.from({ length: side / step + 1 }, (_, i) => i * step);
    for (const site of sitesAt(corner, offsets)) {
      const label = labels.get(keyOf(site));
      if (label !== undefined) found.add(label);
    }
  }
  return found;
}
