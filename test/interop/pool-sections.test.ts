/** Files that mergePOOL joined keep the references of their parts and tell in ##Sections where these lead: merging makes them plain. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MergeConflictError, checkReferences, merge, planMerge } from '../../src/index.ts';
import { Scratch, fixture } from '../scratch.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const ORACLE = fileURLToPath(new URL('oracle/', import.meta.url));

function python(script: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(PYTHON, ['-W', 'ignore', join(ORACLE, script), ...args], {
    encoding: 'utf8',
    timeout: 100_000,
  });
  if (status !== 0 && stdout === '') throw new Error(stderr);
  return stdout;
}

const worker = (family: string, i: number): string => fixture(`pool/${family}_${i}.root`);

describe('a file with sections', () => {
  it.each([
    ['p5', 820],
    ['p5unsplit', 769],
  ])('is merged with another one, every reference leads where it led: %s', async (family, resolved) => {
    using scratch = new Scratch();
    const [joined, output] = [scratch.path('joined.root'), scratch.path('out.root')];
    python('pool_sections.py', [joined, worker(family, 0), worker(family, 3)]);
    await merge([joined, worker(family, 1)], { output });
    const sources = [worker(family, 0), worker(family, 3), worker(family, 1)];
    expect(JSON.parse(python('pool_check.py', [output, ...sources]))).toMatchObject({
      resolved,
      foreign: 50,
      wrong: 0,
      dangling: 0,
      first: [],
      problems: [],
    });
    expect((await checkReferences([output])).dangling).toBe(0);
    const { targets } = await planMerge([joined, worker(family, 1)]);
    expect(targets.find(({ path }) => path === '/##Sections')).toMatchObject({ disposition: 'skip', reason: 'pool-sections' });
  });

  it('from which hadd dropped a branch is refused: references to that lead nowhere', async () => {
    using scratch = new Scratch();
    const joined = scratch.path('joined.root');
    python('pool_sections.py', [joined, worker('p6', 0), worker('p6', 3)]);
    await expect(merge([joined, worker('p6', 1)], { output: scratch.path('out.root') })).rejects.toThrow(MergeConflictError);
    expect(scratch.list()).toEqual(['joined.root']);
  });

  it('of which hadd made a file without sections is refused', async () => {
    using scratch = new Scratch();
    const hadd = 'import sys, hadd; sys.exit(hadd.hadd("-ff", *sys.argv[1:])["rc"])';
    spawnSync(PYTHON, ['-W', 'ignore', '-c', hadd, scratch.path('joined.root'), worker('p5', 0), worker('p5', 3)], {
      cwd: ORACLE,
      timeout: 100_000,
    });
    const { conflicts } = await planMerge([scratch.path('joined.root'), worker('p5', 1)]);
    expect(new Set(conflicts.map(({ code }) => code))).toEqual(new Set(['pool-reference']));
    expect(conflicts[0]?.reason).toMatch(/no ##Sections/);
  });
});
