/** Attribute sets of RNTuples: a lost one is told (hadd loses them), so are other ranges and values. */
import { describe, expect, it } from 'vitest';
import { diffFiles } from '../../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import type { DiffReport } from '../../../../src/diff/diff-report.ts';
import { fixture } from '../../../scratch.ts';

const [once, twice, lost, other] = ['', '_twice', '_lost', '_other'].map((kind) => fixture(`rntuple/attributes${kind}.root`)) as [
  string,
  string,
  string,
  string,
];

function found({ objects }: DiffReport): unknown[] {
  return objects.map(({ path, verdict, differences, notes }) => [
    path,
    verdict,
    differences.map(({ at, left, right }) => `${at}: ${left}, ${right}`),
    notes,
  ]);
}

describe('attribute sets', () => {
  it('of equal files are the same', async () => {
    expect(found(await diffFiles(twice, twice))).toEqual([['/nt', 'same', [], []]]);
  });

  it('with another value differ', async () => {
    expect(found(await diffFiles(once, other))).toEqual([['/nt', 'different', ['attribute set Runs._userData.run[0]: 7, 8'], []]]);
  });

  it('that are not there are told, whatever the order of entries', async () => {
    const missing = ['/nt', 'different', ['attribute set Runs: "present", "absent"']];
    expect(found(await diffFiles(twice, lost))).toEqual([[...missing, []]]);
    expect(found(await diffFiles(twice, lost, { order: 'any' }))).toEqual([[...missing, ['entries are compared in any order']]]);
  });

  it('of a merged file are those of the inputs, with ranges that begin behind the entries before', async () => {
    expect(found(await diffMerged(twice, [once, once]))).toEqual([['/nt', 'right', [], []]]);
    expect(found(await diffMerged(twice, [once, other]))).toEqual([['/nt', 'altered', ['attribute set Runs._userData.run[1]: 7, 8'], []]]);
    expect(found(await diffMerged(lost, [once, once]))).toEqual([['/nt', 'altered', ['attribute set Runs: "absent", "present"'], []]]);
    expect(found(await diffMerged(twice, [lost]))).toEqual([['/nt', 'altered', ['attribute set Runs: "present", "absent"'], []]]);
  });

  it('can be left out by name, and are compared by values only where all entries are', async () => {
    expect((await diffFiles(twice, lost, { exclude: ['/nt/Runs'] })).isSame).toBe(true);
    const [part] = (await diffFiles(twice, twice, { entries: '0:5' })).objects;
    expect(part?.notes).toContain(
      'attribute sets (Runs) tell of entries by number: their values are compared only when all entries are, in order',
    );
  });
});
