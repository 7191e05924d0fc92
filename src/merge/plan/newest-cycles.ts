/** Of a mergeable object only the highest cycle of each input counts: older ones are backups of the same object. */
import type { Diagnostics } from '../../diagnostics.ts';
import type { Contribution } from './plan.ts';

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

/** The same of the contributions to a target. */
export function newestContributions(contributions: readonly Contribution[]): Contribution[] {
  return newestOfEachInput(contributions, ({ input, directory, keyIndex }) => ({
    input: input.index,
    cycle: Math.abs(directory.keys.cycle(keyIndex)),
  }));
}

/** Tells of the others, if there are any. */
export function tellOlderCycles(diagnostics: Diagnostics, path: string, count: number): void {
  if (count === 0) return;
  const message = `${count} older ${count === 1 ? 'cycle' : 'cycles'} of a mergeable object left out: only the highest cycle of each input is merged`;
  diagnostics.add({ code: 'older-cycles', path, message });
}
