/** What Slurm is given: scripts that a shell runs as meant, and arguments of sbatch. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import {
  arrayBlocks,
  dependencyIds,
  indexList,
  mergeArguments,
  mergeScript,
  parseBatchOptions,
  shellWord,
  workerArguments,
  workerFileName,
  workerScript,
} from '../../../../src/runner/slurm/slurm-scripts.ts';

const SETTINGS = { name: 'pool-run-1', submitDirectory: '/start', folder: '/jobs/100% mine/slurm', options: ['--time=5'] };

describe('the scripts', () => {
  const program = { node: '/bin/echo', tool: "it's" };
  const run = (script: string, args: string[], index = '') =>
    spawnSync('sh', ['-s', '--', ...args], { input: script, encoding: 'utf8', env: { SLURM_ARRAY_TASK_ID: index } }).stdout;

  it('call pool-run with the number of the worker, or of the merge', () => {
    expect(run(workerScript(program, '/a b'), ['2000'], '17')).toBe("it's --dir /a b --task worker:2017\n");
    expect(run(mergeScript(program, '/a b'), ['3'])).toBe("it's --dir /a b --task merge:3\n");
  });

  it('have words that a shell leaves as they are', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('\0')),
        (text) => {
          expect(spawnSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' }).stdout).toBe(text);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('the arguments of sbatch', () => {
  it('name an array of workers, its log and its first worker', () => {
    expect(workerArguments(SETTINGS, [1001, 1002, 1007])).toEqual([
      '--parsable',
      '--job-name=pool-run-1',
      '--chdir=/start',
      '--open-mode=append',
      '--output=/jobs/100%% mine/slurm/worker_1%3a.log',
      '--time=5',
      '--array=1-2,7',
      '/jobs/100% mine/slurm/worker.sh',
      '1000',
    ]);
    expect(workerFileName(1007)).toBe('worker_1007');
    expect(workerFileName(3)).toBe('worker_0003');
  });

  it('let a merge wait for what it needs', () => {
    expect(mergeArguments(SETTINGS, 4, ['7', '8_1'], false).slice(6)).toEqual([
      '--dependency=afterok:7:8_1',
      '--kill-on-invalid-dep=yes',
      '/jobs/100% mine/slurm/merge.sh',
      '4',
    ]);
    expect(mergeArguments(SETTINGS, 4, ['7'], true)).toContain('--dependency=afterany:7');
    expect(mergeArguments(SETTINGS, 4, [], true).slice(6)).toEqual(['/jobs/100% mine/slurm/merge.sh', '4']);
  });

  it('have lists of indices, in blocks that an array can have', () => {
    expect(indexList([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8');
    expect(arrayBlocks([3, 999, 1000, 2500])).toEqual([[3, 999], [1000], [2500]]);
  });

  it('wait for a whole array where all of its tasks are meant', () => {
    expect(
      dependencyIds(
        ['5_0', '5_1', '6_2', '7'],
        new Map([
          ['5', 2],
          ['6', 3],
        ]),
      ),
    ).toEqual(['5', '6_2', '7']);
  });
});

describe('options of the user', () => {
  it('are cut as by a shell', () => {
    expect(parseBatchOptions(`-p short  --comment='two words' --x="it's"y`)).toEqual(['-p', 'short', '--comment=two words', "--x=it'sy"]);
    expect(parseBatchOptions(' ')).toEqual([]);
  });

  it('are refused where a quote is open, or where pool-run says them itself', () => {
    for (const text of [
      "--comment='a",
      '--array=0-3',
      '-a0-3',
      '--arr=1',
      '--dependency=afterok:1',
      '--wait',
      '-W',
      '-J name',
      '--output=x',
      '--wrap=ls',
      '-M other',
    ]) {
      expect(() => parseBatchOptions(text), text).toThrow(UsageError);
    }
    for (const text of ['--time=5', '-t 5', '--mem=2G', '-p x', '--account=a', '-A a', '--constraint=c', '--cpus-per-task=2']) {
      expect(() => parseBatchOptions(text), text).not.toThrow();
    }
  });
});
