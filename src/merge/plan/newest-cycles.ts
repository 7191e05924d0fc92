/** Of a mergeable object only the highest cycle of each input counts: older ones are backups of the same object. */

/** The one with the highest cycle of each input. */
export function newestOfEachInput<T>(items: readonly T[], placeOf: (item: T) => { input: number; cycle: number }): T[] {
  const newest = new Map<number, { item: T; cycle: number }>();
  for (const item of items) {
    const { input, cycle } = placeOf(item);
    const known = newest.get(input);
    if (known === undefined || cycle > known.cycle) newest.set(input, { item, cycle });
  }
  return [...newest.values()].map(({ item }) => item);
}

/** What is told of the others. */
export function olderCyclesText(count: number): string {
  return `${count} older ${count === 1 ? 'cycle' : 'cycles'} of a mergeable object left out: only the highest cycle of each input is merged`;
}
