import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { MergePlan } from '../../../src/merge/plan/plan.ts';
import { planTargets } from '../../../src/merge/plan/plan-targets.ts';
import { planFiles } from '../../../src/merge/plan-merge.ts';
import { pathFilter } from '../../../src/path-filter.ts';
import { planProcessIds } from '../../../src/merge/other/process-ids.ts';
import { Diagnostics } from '../../../src/diagnostics.ts';
import type { SmallItem } from '../../small-file.ts';
import { POLICY } from '../histogram/sample-histograms.ts';
import { smallInputs, stub } from './small-inputs.ts';

/** An input with process ids 0, 1, … of these UUIDs. */
function withIds(uuids: readonly string[]): SmallItem[] {
  return uuids.map((uuid, n) => stub('TProcessID', `ProcessID${n}`, 1, uuid));
}

/** The table of the output by UUID, and each input's offset in it. */
function table(...files: readonly (readonly SmallItem[])[]): { ids: string[]; offsets: number[] } {
  const inputs = smallInputs(...files);
  const plan = new MergePlan(inputs);
  planTargets(plan, pathFilter([], []), new Diagnostics());
  planProcessIds(plan);
  const ids = Array.from({ length: plan.targets.count }, (_, t) => t)
    .filter((t) => plan.family(t) === 'process-id')
    .map((t) => {
      const { directory, keyIndex } = plan.contribution(t, 0);
      return directory.keys.title(keyIndex);
    });
  return { ids, offsets: inputs.map((input) => input.pidOffset) };
}

describe('process ids of several inputs', () => {
  it('are put one after the other', () => {
    expect(table(withIds(['A']), withIds(['B']), withIds(['C', 'D']))).toEqual({ ids: ['A', 'B', 'C', 'D'], offsets: [0, 1, 2] });
  });

  it('that are there already are used again', () => {
    expect(table(withIds(['A', 'B']), withIds(['B']), withIds(['A', 'B']), withIds(['C', 'A']))).toEqual({
      ids: ['A', 'B', 'C', 'A'],
      offsets: [0, 1, 0, 2],
    });
  });

  it('of an input without any need no offset', () => {
    expect(table(withIds(['A']), [], withIds(['B']))).toEqual({ ids: ['A', 'B'], offsets: [0, 0, 1] });
  });

  it('are taken by number, whatever the order of the keys, and of the highest cycle', () => {
    const first = [
      stub('TProcessID', 'ProcessID1', 1, 'B'),
      stub('TProcessID', 'ProcessID0', 1, 'old'),
      stub('TProcessID', 'ProcessID0', 2, 'A'),
    ];
    expect(table(first, withIds(['B']))).toEqual({ ids: ['A', 'B'], offsets: [0, 1] });
  });

  it('with a gap in their numbers keep it', () => {
    expect(table([stub('TProcessID', 'ProcessID2', 1, 'C')], withIds(['D']))).toEqual({ ids: ['C', 'D'], offsets: [0, 3] });
  });

  it('always resolve: number n of an input is the same UUID at its offset + n', () => {
    const uuids = fc.array(fc.constantFrom('A', 'B', 'C', 'D'), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(uuids, { minLength: 1, maxLength: 5 }), (files) => {
        const { ids, offsets } = table(...files.map(withIds));
        files.forEach((own, i) => own.forEach((uuid, n) => expect(ids[(offsets[i] as number) + n]).toBe(uuid)));
      }),
      { numRuns: 60 },
    );
  });

  it.each(['ProcessID', 'ProcessIDx', 'Other', 'ProcessID70000'])('with the name %s are refused with file and path', (name) => {
    const act = (): unknown => table(withIds(['A']), [stub('TProcessID', name, 1, 'B')]);
    expect(act).toThrow(CorruptFileError);
    expect(act).toThrow(expect.objectContaining({ file: 'b.root', objectPath: `/${name}`, reason: 'a process id has an impossible name' }));
  });

  it('are refused where they are more than 16 bits can number', () => {
    const many = [stub('TProcessID', 'ProcessID65533', 1, 'Z')];
    expect(table(many, withIds(['A']))).toEqual({ ids: ['Z', 'A'], offsets: [0, 65_534] });
    expect(() => table(many, withIds(['A', 'B']))).toThrow(
      'a.root: the inputs have more process ids than a file can hold: expected 65535, found 65536',
    );
  });

  it('stop a dry run at an object that nobody can search for references to be shifted', async () => {
    const diagnostics = new Diagnostics();
    const { plan, works } = planFiles(
      smallInputs([...withIds(['A']), stub('Unknown', 'first')], [...withIds(['B']), stub('Unknown', 'second'), stub('Unknown', 'third')]),
      POLICY,
      diagnostics,
    );
    for (const work of works) await work.check?.({ plan, policy: POLICY, diagnostics });
    expect(plan.conflicts.map(({ path, file, code }) => `${path} of ${file}: ${code}`)).toEqual([
      '/second of b.root: unsupported',
      '/third of b.root: unsupported',
    ]);
  });
});
