/** The statistical tests of pool-diff --compat give the p-values of real ROOT for the same histograms. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diffFiles } from '../../src/diff/diff-files.ts';
import type { DiffOptions } from '../../src/diff/diff-report.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const CASES = fileURLToPath(new URL('oracle/compat_cases.py', import.meta.url));
/** Pairs ROOT answers with 0 and an error message. */
const EMPTY = ['/empty_one', '/empty_both'];
/** Profiles whose errors are no errors of the mean: ROOT refuses their chi-square (0), pool-diff compares them exactly. */
const REFUSED = /^\/TProfile[sig]_/;

type Answer = Record<'chi2' | 'chi2Flows' | 'ks' | 'ksFlows', number | null>;

const folder = mkdtempSync(join(tmpdir(), 'pool-merge-compat-'));
const [left, right] = [join(folder, 'left.root'), join(folder, 'right.root')];
let answers: Map<string, Answer>;
beforeAll(() => {
  const text = execFileSync(PYTHON, ['-W', 'ignore', CASES, left, right], { encoding: 'utf8', timeout: 120_000 });
  answers = new Map(Object.entries(JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as Record<string, Answer>));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** null: no number. */
function isClose(found: number | undefined, expected: number | null): boolean {
  return expected === null ? Number.isNaN(found) : Math.abs((found ?? Number.NaN) - expected) <= 1e-10;
}

async function pValues(options: DiffOptions): Promise<Map<string, number>> {
  const { objects } = await diffFiles(left, right, options);
  return new Map(objects.map(({ path, verdict, compatibility }) => [path, compatibility?.pValue ?? (verdict === 'same' ? 1 : Number.NaN)]));
}

describe('p-values', () => {
  it.each([
    ['chi2', 'chi2', false],
    ['chi2Flows', 'chi2', true],
    ['ks', 'ks', false],
    ['ksFlows', 'ks', true],
  ] as const)('%s are those of ROOT to 1e-10', async (name, compat, flows) => {
    const found = await pValues({ compat, flows });
    expect(found.size).toBe(answers.size);
    expect(answers.size).toBeGreaterThan(400);
    const wrong = [...answers].flatMap(([path, answer]) =>
      EMPTY.includes(path) || (compat === 'chi2' && REFUSED.test(path) && answer[name] === 0) || isClose(found.get(path), answer[name])
        ? []
        : [[path, found.get(path), answer[name]]],
    );
    expect(wrong).toEqual([]);
    expect([...found.values()].filter((p) => p > 1e-6 && p < 0.999).length).toBeGreaterThan(100); // not only trivial ones
  });

  it('of empty histograms are 1, or 0 where only one is', async () => {
    for (const compat of ['chi2', 'ks', 'bins'] as const) {
      const found = await pValues({ compat, include: EMPTY });
      expect(found.get('/empty_both')).toBe(1);
      expect(found.get('/empty_one')).toBe(compat === 'bins' ? found.get('/empty_one') : 0);
    }
  });
});
