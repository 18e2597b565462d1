/** Throws a RangeError unless a program can be loaded for that many members. */
export function checkMembers(members: number): void {
  if (isCount(members) && members > 0) return;
  throw new RangeError(`A program is loaded for 1 or more members, fewer than 2³¹; got ${members}.`);
}

/** Throws a RangeError unless these members, of `total`, can be advanced by so many steps. */
export function checkRun(steps: number, members: readonly number[], total: number): void {
  if (!isCount(steps)) throw new RangeError(`A run takes 0 or more steps, fewer than 2³¹; got ${steps}.`);
  const missing = members.find((member) => !(isCount(member) && member < total));
  if (missing !== undefined) throw new RangeError(`Member ${missing} does not exist; there are ${total}.`);
}

/** Counts reach threads as 32-bit integers. */
const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 31;
