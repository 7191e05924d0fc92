/** What the real hadd makes of pairs of objects, right and wrong: pool-diff says which is which, and why. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { diffMerged } from '../../src/diff/diff-merged.ts';
import { Scratch } from '../scratch.ts';
import { venvPython } from './venv.mjs';

const SCRIPT = fileURLToPath(new URL('oracle/hadd_cases.py', import.meta.url));
const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

it("hadd's right sums are called right, its wrong ones by name", { timeout: 120_000 }, async () => {
  const folder = scratch.path('.');
  const [output = '', ...inputs] = JSON.parse(
    execFileSync(venvPython, [SCRIPT, folder], { encoding: 'utf8', timeout: 100_000, stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as string[];
  const { objects } = await diffMerged(output, inputs);
  const found = Object.fromEntries(
    objects.map(({ path, verdict, differences: [first] }) => [
      path.slice(1),
      [verdict, ...(first === undefined ? [] : [`${first.at}: ${first.left}, ${first.right}`])].join(' '),
    ]),
  );
  expect(found).toEqual({
    wider: 'right',
    labels: 'right',
    no_labels_first: 'altered fXaxis.fLabels: "absent", "b"',
    edges: 'altered fXaxis.fXbins: "an edge at 1", "none between 0 and 1.5"',
    average: 'altered fArray[1]: 2, "an average of 1 to 1"',
    graph: 'right',
    parameter: 'right',
    sparse: 'right',
    sparse_limits: 'altered fAxes[0]: "5 0 5", "5 0 10"',
    same_order: 'right',
    other_order: expect.stringMatching(/^altered A\./) as string,
    longer: 'altered B: "absent", "TH1F"',
    signed: 'altered branch b: "TBranch: TLeafI", "TBranch: TLeafI unsigned"',
    dimension: 'altered branch b: "TBranch: TLeafF [3]", "TBranch: TLeafF [5]"',
    real: 'lost entries: 3, 6',
    right: 'right',
  });
});
