/** HDF5 and Arrow files of h5py and pyarrow that differ in one value each, of every type: pool-diff finds it, and nothing else. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diffFiles } from '../../src/index.ts';
import { Scratch } from '../scratch.ts';
import { venvPython } from './venv.mjs';

/** Two files in the scratch folder, what differs, and where. */
interface Pair {
  left: string;
  right: string;
  path: string;
  at: string;
}

const SCRIPT = fileURLToPath(new URL('oracle/format_changes.py', import.meta.url));
const scratch = new Scratch();
let pairs: Pair[] = [];

beforeAll(() => {
  pairs = JSON.parse(execFileSync(venvPython, [SCRIPT, scratch.folder], { encoding: 'utf8', timeout: 120_000 })) as Pair[];
});
afterAll(() => scratch[Symbol.dispose]());

describe.each([
  ['Arrow, however compressed and cut into batches', 'left.arrow', 32],
  ['HDF5, in the old and the latest format', 'left.h5', 18],
])('%s', (_, left, count) => {
  it('one other value is found in each type', async () => {
    const own = pairs.filter((pair) => pair.left === left);
    expect(own.length).toBe(count);
    for (const { right, path, at } of own) {
      const { objects } = await diffFiles(scratch.path(left), scratch.path(right));
      const found = objects.filter(({ verdict }) => verdict !== 'same');
      expect(found.map((each) => [each.path, each.verdict, ...each.differences.map((difference) => difference.at)])).toEqual([
        [path, 'different', at],
      ]);
    }
  });
});
