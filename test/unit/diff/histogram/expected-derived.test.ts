/** Merged histograms of users' classes. */
import { afterAll, expect, it } from 'vitest';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import { merge } from '../../../../src/index.ts';
import { fixture, Scratch } from '../../../scratch.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());
const [FIRST, SECOND, THIRD] = [0, 1, 2].map((worker) => fixture(`derived_${worker}.root`)) as [string, string, string];

/** What is said of one object in a merged file that was made from other files than it is held against. */
async function judged(made: string[], from: string[], path: string): Promise<string[]> {
  const output = scratch.path('out.root');
  await merge(made, { output, force: true });
  const { objects } = await diffMerged(output, from);
  const found = objects.find((each) => each.path === path);
  return [found?.verdict ?? 'absent', ...(found?.differences ?? []).map(({ at }) => at)];
}

it.each(['/plain', '/differing', '/profile', '/twice', '/list'])('%s is the sum of all', async (path) => {
  expect(await judged([FIRST, SECOND, THIRD], [FIRST, SECOND, THIRD], path)).toEqual(['right']);
});

it("one that is not the sum is found, and so are members that are not the first's", async () => {
  expect(await judged([FIRST, SECOND], [FIRST, SECOND, THIRD], '/plain')).toEqual(
    expect.arrayContaining(['lost', 'fEntries', 'fArray[1]']),
  );
  expect(await judged([FIRST, SECOND], [FIRST, THIRD], '/twice')).toEqual(expect.arrayContaining(['lost', 'fEntries']));
  expect(await judged([FIRST, SECOND], [FIRST, SECOND, THIRD], '/list')).toEqual(expect.arrayContaining(['altered', 'in_list.fEntries']));
  expect(await judged([SECOND, FIRST], [FIRST, SECOND], '/differing')).toEqual(['altered', 'number']);
});
