/** pool-run's part of a run on Slurm, with commands that only look like Slurm's; test/interop/slurm.test.ts has the real one. */
import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { previewText, statusText, submissionText } from '../../cli/slurm-render.ts';
import { progressTable } from '../../cli/run-render.ts';
import type { WorkerProgress } from '../../src/index.ts';
import { fakeSlurm } from '../fake-slurm.ts';
import { commandJob, poolRun, reportOf } from '../run-tool.ts';
import { Scratch } from '../scratch.ts';

const RUN = ['--backend', 'slurm', '-n', '3', '-o', 'm.root', '--events', '9'];
const JOB = ['--', 'node', 'job.mjs'];

describe('a run on Slurm', () => {
  it('is an array of workers and merges that wait for them', () => {
    using scratch = new Scratch();
    const environment = fakeSlurm(scratch);
    commandJob(scratch);
    const { code, stdout, stderr } = poolRun(
      scratch,
      [...RUN, '--fan-in', '2', '--slurm-options', '-p short', '--slurm-options', "--comment='a b'", ...JOB],
      environment,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^3 workers; 9 events, each once; .*\nhist\.root: 2 files merged into /);
    const lines = readFileSync(scratch.path('fake', 'submitted'), 'utf8')
      .trimEnd()
      .replaceAll(scratch.folder, '')
      .replaceAll(/pool-run-\w{8}/g, 'NAME')
      .split('\n');
    const common = (log: string): string =>
      `--parsable --job-name=NAME --chdir= --open-mode=append --output=/pool_workers/slurm/${log}.log -p short --comment=a b`;
    expect(lines).toEqual([
      `${common('worker_0%3a')} --array=0-2 /pool_workers/slurm/worker.sh 0`,
      `${common('merge_0')} /pool_workers/slurm/merge.sh 0`,
      `${common('merge_1')} /pool_workers/slurm/merge.sh 1`,
      `${common('merge_2')} /pool_workers/slurm/merge.sh 2`,
    ]);
    expect(reportOf(scratch)).toMatchObject({ workerCount: 3, events: { counted: 9, missingCount: 0, repeatedCount: 0 } });
    expect(scratch.list('pool_workers')).toEqual(['AthenaMPOutputs', 'job.json', 'report.json', 'slurm']);
    const job = JSON.parse(readFileSync(scratch.path('pool_workers', 'job.json'), 'utf8')) as { slurm: object };
    expect(job.slurm).toMatchObject({ workers: ['1_0', '1_1', '1_2'], merges: ['2', '3', '4'], isEnded: true });
    const status = poolRun(scratch, ['--status', '--json', '-'], environment);
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({
      state: 'done',
      workers: [0, 1, 2].map((worker) => ({ worker, status: 'done', job: `1_${worker}`, failures: [] })),
      merges: [0, 1, 2].map((merge) => ({ merge, status: 'done', job: String(merge + 2) })),
    });
  });

  it('that fails names the worker, cancels the rest, and goes on later', () => {
    using scratch = new Scratch();
    const environment = fakeSlurm(scratch);
    commandJob(scratch, "if (worker === 1 && !existsSync(submit + 'mended')) { console.log('no calibration'); process.exit(7); }");
    expect(poolRun(scratch, [...RUN, ...JOB], environment)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/worker 1 ended with exit code 7; its log is .*\n {2}no calibration/) as string,
    });
    expect(readFileSync(scratch.path('fake', 'cancelled'), 'utf8')).toMatch(/^--name=pool-run-\w{8}\n$/);
    const status = poolRun(scratch, ['--status', '--json', '-', 'pool_workers'], environment);
    expect(status.code).toBe(1);
    expect(JSON.parse(status.stdout)).toMatchObject({
      state: 'failed',
      workers: [
        { status: 'done', events: 3 },
        { status: 'failed', failures: [expect.stringContaining('exit code 7')] },
        { status: 'done' },
      ],
    });
    scratch.put('mended', '');
    rmSync(scratch.path('fake', 'failed'));
    expect(poolRun(scratch, [...RUN, '--resume', '--fan-in', '2', ...JOB], environment).code).toBe(0);
    const again = readFileSync(scratch.path('fake', 'submitted'), 'utf8').trimEnd().split('\n').slice(2);
    expect(again.map((line) => /--array=\S+|merge\.sh \d/.exec(line)?.[0])).toEqual([
      '--array=1',
      'merge.sh 0',
      'merge.sh 1',
      'merge.sh 2',
    ]);
    expect(reportOf(scratch)).toMatchObject({
      events: { counted: 9 },
      workers: [{ attempts: 1 }, { attempts: 1 }, { attempts: 1 }],
      failures: [],
    });
  });

  it('that loses a worker says what Slurm says', () => {
    using scratch = new Scratch();
    const environment = fakeSlurm(scratch);
    commandJob(scratch);
    scratch.put('fake/lose', '');
    scratch.put('fake/facts', 'JobId=1 ArrayTaskId=0 JobState=TIMEOUT Reason=TimeLimit ExitCode=0:15\n');
    const { code, stderr } = poolRun(scratch, [...RUN, '--json', 'report.json', ...JOB], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/worker 0 was ended by Slurm: TIMEOUT, TimeLimit \(job 1_0\); its log is .*worker_0000\.log/);
    expect(JSON.parse(readFileSync(scratch.path('report.json'), 'utf8'))).toMatchObject({ kind: 'error', error: { code: 'WORKER' } });
    expect(poolRun(scratch, [...RUN, '--resume', '--on-failure', 'retry:2', ...JOB], environment).stderr).toContain('TIMEOUT');
    const tasks = readFileSync(scratch.path('fake', 'submitted'), 'utf8').match(/--array=\S+/g);
    expect(tasks).toEqual(['--array=0-2', '--array=0-2', '--array=0-2', '--array=0-2']);
  });

  it('that Slurm refuses, or that finds no Slurm, is told', () => {
    using scratch = new Scratch();
    const environment = fakeSlurm(scratch);
    commandJob(scratch);
    scratch.put('fake/refuse', 'sbatch: error: invalid partition');
    expect(poolRun(scratch, [...RUN, ...JOB], environment)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('sbatch failed: sbatch: error: invalid partition') as string,
    });
    expect(poolRun(scratch, [...RUN, ...JOB], { PATH: scratch.path('none') })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('sbatch was not found: this machine has no Slurm') as string,
    });
    expect(poolRun(scratch, ['--status', 'fake'], environment)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not the directory of a job') as string,
    });
  });

  it('that is submitted only is seen from outside, and leaves no place for another', () => {
    using scratch = new Scratch();
    const environment = fakeSlurm(scratch);
    commandJob(scratch);
    scratch.put('fake/lose', '');
    const { code, stdout } = poolRun(scratch, [...RUN, '--detach', ...JOB], environment);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^submitted as pool-run-\w{8}: 3 workers \(job 1\) and 1 merge \(job 2\)\n/);
    scratch.put(
      'fake/queue',
      '1|0|RUNNING|None\n1|1|PENDING|Resources\n1|2|PENDING|Resources\n2|N/A|PENDING|Dependency\n7|N/A|PENDING|Dependency\n',
    );
    const status = poolRun(scratch, ['--status'], environment);
    expect(status).toMatchObject({
      code: 5,
      stdout: expect.stringMatching(
        /^worker {2}status {3}job {2}Slurm\n0 {7}waiting {2}1_0 {2}RUNNING\n1 {7}waiting {2}1_1 {2}PENDING \(Resources\)\n/,
      ) as string,
    });
    expect(status.stdout).toContain('0      waiting  2    PENDING (Dependency)');
    expect(poolRun(scratch, [...RUN, ...JOB], environment)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('jobs of Slurm are at work here') as string,
    });
    expect(poolRun(scratch, [...RUN, '--resume', '--fan-in', '2', ...JOB], environment).stderr).toContain('have other options');
    // Job 7 has the name of the run, but nobody noted what it is for: it goes, and with it (in this Slurm) the others.
    scratch.put('fake/facts', 'JobId=1 JobState=CANCELLED Reason=None ExitCode=0:15\n');
    expect(poolRun(scratch, [...RUN, '--resume', ...JOB], environment)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('worker 0 was ended by Slurm: CANCELLED (job 1_0)') as string,
    });
    expect(readFileSync(scratch.path('fake', 'cancelled'), 'utf8')).toMatch(/^7\n/);
  });

  it('can be shown without one', () => {
    using scratch = new Scratch();
    commandJob(scratch);
    const { code, stdout } = poolRun(
      scratch,
      [...RUN, '--dry-run', '--fan-in', '2', '--on-failure', 'drop', '--slurm-options', '--time=5', ...JOB],
      { PATH: scratch.path('none') },
    );
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toContain(`# nothing was submitted; the job directory would be ${scratch.path('pool_workers')}`);
    expect(lines.filter((line) => line.startsWith('exec')).length).toBe(2);
    expect(
      lines.slice(-4).map((line) => line.replace(/ --parsable.*--time=5/, '').replaceAll(`${scratch.folder}/pool_workers/slurm/`, '')),
    ).toEqual([
      'workers0=$(sbatch --array=0-2 worker.sh 0)',
      'merge0=$(sbatch "--dependency=afterany:${workers0}_0:${workers0}_1" --kill-on-invalid-dep=yes merge.sh 0)',
      'merge1=$(sbatch "--dependency=afterany:${workers0}_2" --kill-on-invalid-dep=yes merge.sh 1)',
      'merge2=$(sbatch "--dependency=afterany:${merge0}:${merge1}" --kill-on-invalid-dep=yes merge.sh 2)',
    ]);
    expect(scratch.list()).toEqual(['job.mjs']);
  });
});

describe('what does not fit', () => {
  it('is refused before anything is started', () => {
    using scratch = new Scratch();
    commandJob(scratch);
    const refused = (...args: string[]) => {
      const { code, stderr } = poolRun(scratch, [...args, ...JOB], { PATH: scratch.path('none') });
      expect(code).toBe(2);
      return stderr;
    };
    expect(refused('-n', '2', '-o', 'm.root', '--detach')).toContain('--detach is for runs on Slurm');
    expect(refused('-n', '2', '-o', 'm.root', '--dry-run')).toContain('--dry-run is for runs on Slurm');
    expect(refused(...RUN, '--dry-run', '--slurm-options', '--array=1')).toContain('--array cannot be given');
    expect(refused(...RUN, '--dry-run', '--resume')).toContain('leave out --resume');
    expect(refused('--backend', 'slurm', '-n', '0', '--events', '2')).toContain('no workers for Slurm');
    expect(refused('--backend', 'slurm', '--scaling', '0..1')).toContain('leave out --backend');
    expect(refused(...RUN, '--fan-in', '1')).toContain('at least 2');
    expect(refused('--backend', 'lsf', '-n', '2')).toContain("unknown backend 'lsf'");
    expect(refused('--task', 'worker:0')).toContain('--task needs --dir');
    expect(refused('--task', 'worker:0', '--dir', '.')).toContain('not a task of a run on Slurm');
    expect(refused('--status')).toContain('one job directory');
    expect(scratch.list()).toEqual(['job.mjs']);
  });
});

describe('the status', () => {
  it('is told of local runs too', () => {
    using scratch = new Scratch();
    commandJob(scratch, 'if (worker === 1) process.exit(1)');
    expect(poolRun(scratch, ['-n', '2', '-o', 'm.root', ...JOB]).code).toBe(1);
    expect(poolRun(scratch, ['--status'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^worker {2}status\n0 {7}\w+\n1 {7}failed\n.*pool_workers: failed; --resume goes on\n$/) as string,
    });
    commandJob(scratch);
    expect(poolRun(scratch, ['-n', '2', '-o', 'm.root', ...JOB]).code).toBe(0);
    expect(poolRun(scratch, ['--status', '--dir', 'pool_workers']).stdout).toContain(': done\n');
  });

  it('has failures below the tables', () => {
    const text = statusText({
      schemaVersion: 1,
      kind: 'status',
      directory: '/j',
      state: 'failed',
      name: 'pool-run-1',
      workers: [
        { worker: 0, status: 'failed', attempts: 2, events: 5, job: '1_0', host: 'n1', failures: ['worker 0 ended with exit code 3'] },
      ],
      merges: [{ merge: 0, status: 'failed', job: '2', slurm: 'CANCELLED', message: 'no' }],
    });
    expect(text).toBe(
      'worker  status       events  job  machine\n0       failed (2.)  5       1_0  n1\nmerge  status  job  Slurm\n0      failed  2    CANCELLED\nworker 0 ended with exit code 3\nmerge 0: no\n/j (pool-run-1): failed; --resume goes on',
    );
  });

  it('is counted where workers are too many for a screen', () => {
    const workers = Array.from({ length: 40 }, (_, worker): WorkerProgress => ({
      worker,
      status: worker < 2 ? 'running' : 'waiting',
      attempts: 1,
    }));
    expect(
      progressTable({ seconds: 1, workers, merges: { done: 0, total: 3 } })
        .map((line) => line.trimEnd())
        .slice(1),
    ).toEqual(['     0  running', '     1  running', '40 workers: 2 running, 38 waiting', 'merges: 0 of 3']);
  });

  it('of a submission names its jobs, control characters shown as such', () => {
    expect(
      submissionText({
        schemaVersion: 1,
        kind: 'submission',
        directory: '/j\u001b',
        name: 'n',
        workerCount: 1,
        workerJobs: ['1'],
        mergeJobs: ['2'],
      }),
    ).not.toContain('\u001b');
    expect(previewText({ directory: '/j', files: [{ path: '/j/a.sh', text: '#!/bin/sh\n' }], commands: ['x=1'] })).toBe(
      '# /j/a.sh\n#!/bin/sh\n\n# nothing was submitted; the job directory would be /j\nx=1',
    );
  });
});
