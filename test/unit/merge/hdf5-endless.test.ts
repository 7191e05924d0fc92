/** A damaged HDF5 file that leads the library into a loop without end. */
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { merge } from '../../../src/index.ts';
import { Scratch } from '../../scratch.ts';
import { hdf5Sample, valuesOf } from '../hdf5/hdf5-samples.ts';

vi.mock('../../../src/io/hdf5/time-limit.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../src/io/hdf5/time-limit.ts')>();
  return { ...original, withTimeLimit: <T>(run: () => T): T => original.withTimeLimit(run, 2000) };
});

it('is stopped, named, and left out with skipBad: the library begins anew', async () => {
  using scratch = new Scratch();
  const bytes = readFileSync(hdf5Sample('latest', 0));
  bytes.fill(0, bytes.indexOf('GCOL') + 16, bytes.indexOf('GCOL') + 48); // an item of no index and no size: the next one is itself
  const bad = scratch.put('bad.h5', bytes);
  const good = [hdf5Sample('latest', 0), hdf5Sample('latest', 1)];
  const report = await merge([good[0] ?? '', bad, good[1] ?? ''], { output: scratch.path('out.h5'), verify: 'full', skipBad: true });
  expect(report.inputs.map(({ status, reason }) => [status, reason])).toEqual([
    ['merged', undefined],
    ['skipped', expect.stringContaining('the HDF5 library came to no end within 2 s: it is damaged')],
    ['merged', undefined],
  ]);
  expect(await valuesOf(scratch.path('out.h5'), 'contiguous')).toHaveLength(21);
}, 30_000);
