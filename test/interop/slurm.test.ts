/** pool-run on a real Slurm: all kinds of jobs, merges in steps, workers that fail, are lost, cancelled and resumed. */
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkReferences, diffFiles } from '../../src/index.ts';
import type { JobStatus } from '../../src/index.ts';
import { commandJob, moduleJob, poolRun, reportOf, startPoolRun, until } from '../run-tool.ts';
import { Scratch, fixture } from '../scratch.ts';
import { SlurmCluster, whyNoSlurm } from './slurm-cluster.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const reason = whyNoSlurm();
if (reason !== undefined) console.warn(`no Slurm, its tests are skipped: ${reason}`);

let cluster: SlurmCluster;

describe.skipIf(reason !== undefined)('on Slurm', () => {
  beforeAll(async () => {
    cluster = new SlurmCluster();
    await cluster.start();
  });
  afterAll(() => cluster.stop());

  const slurm = (scratch: Scratch, ...args: string[]) => poolRun(scratch, ['--backend', 'slurm', ...args], cluster.environment);
  const statusOf = (scratch: Scratch): { code: number | null; status: JobStatus } => {
    const { code, stdout } = poolRun(scratch, ['--status', '--json', '-', 'pool_workers'], cluster.environment);
    return { code, status: JSON.parse(stdout) as JobStatus };
  };
  const queue = (): string => cluster.command('squeue', '-h', '-r', '-o', '%j %T');
  const ended = (scratch: Scratch) => until(() => statusOf(scratch).code !== 5);
  const once10 = { counted: 10, missingCount: 0, repeatedCount: 0, strayCount: 0 };
  const handMergedPath = (scratch: Scratch): string => {
    expect(scratch.run([0, 1, 2].map((worker) => fixture(`worker_${worker}.root`)).concat('-o', 'by-hand.root', '-q')).code).toBe(0);
    return scratch.path('by-hand.root');
  };
  const handMerged = (scratch: Scratch): Buffer => readFileSync(handMergedPath(scratch));

  it('a command does its events, and one merge gives what merging by hand gives', () => {
    using scratch = new Scratch();
    commandJob(scratch, 'console.log(process.env.SLURM_ARRAY_TASK_ID)');
    const { code, stdout, stderr } = slurm(
      scratch,
      '-n',
      '3',
      '-o',
      'm.root',
      '--events',
      '10',
      '--keep-logs',
      '--slurm-options',
      "--time=5 --comment='of a test'",
      '--',
      'node',
      'job.mjs',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^3 workers; 10 events, each once; /);
    expect(readFileSync(scratch.path('m.root')).equals(handMerged(scratch))).toBe(true);
    expect(reportOf(scratch)).toMatchObject({
      kind: 'job',
      workerCount: 3,
      events: once10,
      workers: [{ events: 4, attempts: 1 }, { events: 3 }, { events: 3 }],
    });
    expect(readFileSync(scratch.path('pool_workers', 'job.log'), 'utf8')).toBe('=== worker 0\n0\n=== worker 1\n1\n=== worker 2\n2\n');
    expect(scratch.list('pool_workers')).toEqual(['AthenaMPOutputs', 'job.json', 'job.log', 'report.json', 'slurm']);
    expect(statusOf(scratch)).toMatchObject({
      code: 0,
      status: {
        state: 'done',
        workers: [{ status: 'done' }, { status: 'done' }, { status: 'done' }],
        merges: [{ merge: 0, status: 'done' }],
      },
    });
    expect(queue()).toBe('');
  });

  it('a module takes events from a queue, in a folder with an odd name', () => {
    using scratch = new Scratch();
    moduleJob(scratch);
    const { code, stderr } = slurm(
      scratch,
      '-n',
      '3',
      '-o',
      'out/',
      '--events',
      '10',
      '--schedule',
      'queue',
      '--dir',
      "50% o'clock",
      'module.mjs',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(reportOf(scratch, "50% o'clock").events).toMatchObject(once10);
    expect(scratch.list('out')).toEqual(['hist.root']);
    expect(scratch.list("50% o'clock/slurm")).toContain('worker_0002.log');
  });

  it('a Python job is initialized by each worker, and may not open outputs there', () => {
    using scratch = new Scratch();
    const job = (initialize: string) =>
      `import os, shutil\nevents = []\ndef initialize():\n    ${initialize}\ndef io_reinit(worker):\n    shutil.copy(${JSON.stringify(fixture('worker_0.root'))}, 'hist.root')\ndef execute(event):\n    events.append(event)\ndef finalize():\n    print(os.environ['POOL_WORKER'], events)\n`;
    scratch.put('job.py', job("global cut; cut = open('cuts.txt').read()"));
    scratch.put('cuts.txt', '5');
    const run = () =>
      slurm(scratch, '-n', '3', '-o', 'm.root', '-f', '--events', '10', '--fork-after', '1', '--keep-logs', '--python', PYTHON, 'job.py');
    expect(run()).toMatchObject({ code: 0, stderr: '' });
    expect(reportOf(scratch).events).toMatchObject(once10);
    expect(readFileSync(scratch.path('pool_workers', 'job.log'), 'utf8')).toContain('2 [0, 2, 5, 8]');
    scratch.put('job.py', job("global out; out = open('out.txt', 'w')"));
    const { code, stderr } = run();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /worker \d was not started: initialize ended with exit code 1[^]*open outputs in io_reinit\(worker\), not in initialize: .*out\.txt/,
    );
  });

  it('more workers than a merge takes are merged in steps, with the same contents', async () => {
    using scratch = new Scratch();
    commandJob(scratch);
    const { code, stderr } = slurm(
      scratch,
      '-n',
      '10',
      '-o',
      'm.root',
      '--events',
      '10',
      '--fan-in',
      '3',
      '--keep-workers',
      '--',
      'node',
      'job.mjs',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = reportOf(scratch);
    expect(report).toMatchObject({ events: once10, workerCount: 10 });
    expect(report.outputs[0]?.merge.totals.inputs).toBe(2);
    expect(statusOf(scratch).status.merges.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 'done'));
    const workers = Array.from({ length: 10 }, (_, worker) => scratch.path('pool_workers', `worker_${worker}`, 'hist.root'));
    expect(scratch.run([...workers, '-o', 'flat.root', '-q']).code).toBe(0);
    const { isSame, objects } = await diffFiles(scratch.path('flat.root'), scratch.path('m.root'), { rel: 1e-6 });
    expect({ isSame, other: objects.filter(({ verdict }) => verdict !== 'same') }).toEqual({ isSame: true, other: [] });
    expect(scratch.list('pool_workers/slurm').filter((name) => /^merge_\d+$/.test(name))).toEqual([]);
  });

  it('a worker that fails is named, and the others are cancelled; the rest can be resumed', () => {
    using scratch = new Scratch();
    commandJob(
      scratch,
      "appendFileSync(submit + 'ran', String(worker)); if (worker === 1 && !existsSync(submit + 'mended')) { while (readFileSync(submit + 'ran').length < 3) await new Promise((resolve) => setTimeout(resolve, 50)); console.log('no calibration'); process.exit(7); } if (worker === 2 && !existsSync(submit + 'mended')) setInterval(() => undefined, 1000);",
    );
    const run = ['-n', '3', '-o', 'm.root', '--events', '10'];
    const { code, stderr } = slurm(scratch, ...run, '--', 'node', 'job.mjs');
    expect(code).toBe(1);
    expect(stderr).toMatch(/worker 1 ended with exit code 7; its log is .*worker_1\/pool-run\.log\n {2}no calibration/);
    expect(queue()).toBe('');
    expect(statusOf(scratch)).toMatchObject({
      code: 1,
      status: {
        state: 'failed',
        workers: [{ status: 'done' }, { status: 'failed' }, { status: 'waiting' }],
        merges: [{ status: 'waiting' }],
      },
    });
    scratch.put('mended', '');
    expect(slurm(scratch, ...run, '--resume', '--', 'node', 'job.mjs', 'other')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('another job ran here') as string,
    });
    expect(slurm(scratch, ...run, '--resume', '--', 'node', 'job.mjs').code).toBe(0);
    expect(readFileSync(scratch.path('ran'), 'utf8').split('').sort().join('')).toBe('01122');
    expect(reportOf(scratch).events).toMatchObject(once10);
    expect(readFileSync(scratch.path('m.root')).equals(handMerged(scratch))).toBe(true);
  });

  it('a worker that fails is run again, or dropped', () => {
    using scratch = new Scratch();
    commandJob(
      scratch,
      "if (worker === 1 && !existsSync(submit + 'seen')) { writeFileSync(submit + 'seen', ''); process.kill(process.pid, 'SIGKILL'); }",
    );
    const retried = slurm(scratch, '-n', '3', '-o', 'm.root', '--events', '10', '--on-failure', 'retry:1', '--', 'node', 'job.mjs');
    expect(retried).toMatchObject({ code: 0, stderr: expect.stringContaining('warning: worker 1 was ended by SIGKILL') as string });
    expect(reportOf(scratch)).toMatchObject({
      events: once10,
      failures: [{ worker: 1, signal: 'SIGKILL' }],
      workers: [{ attempts: 1 }, { attempts: 2 }, { attempts: 1 }],
    });
    commandJob(scratch, 'if (worker === 1) process.exit(9)');
    const dropped = slurm(
      scratch,
      '-n',
      '5',
      '-o',
      'd.root',
      '--events',
      '10',
      '--fan-in',
      '2',
      '--on-failure',
      'drop',
      '--',
      'node',
      'job.mjs',
    );
    expect(dropped).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('8 events, each once, 2 missing; 1 failure; 1 worker dropped') as string,
    });
    expect(reportOf(scratch)).toMatchObject({ events: { missing: [1, 6] }, failures: [{ worker: 1, exitCode: 9 }] });
    expect(statusOf(scratch)).toMatchObject({ code: 3, status: { state: 'dropped' } });
  });

  it('a task that is lost is submitted again with the merges that wait for it, or told', async () => {
    using scratch = new Scratch();
    commandJob(
      scratch,
      "if (worker === 1) writeFileSync(submit + 'task', process.env.SLURM_ARRAY_JOB_ID + '_1 '); if (worker === 1 && !existsSync(submit + 'mended')) setInterval(() => undefined, 1000);",
    );
    const cancelTask = async () => {
      expect(await until(() => existsSync(scratch.path('task')) && readFileSync(scratch.path('task'), 'utf8').endsWith(' '))).toBe(true);
      const id = readFileSync(scratch.path('task'), 'utf8').trim();
      scratch.put('task', '');
      return id;
    };
    const start = (...flags: string[]) =>
      startPoolRun(
        scratch,
        ['--backend', 'slurm', '-n', '3', '--fan-in', '2', '-o', 'm.root', '--events', '10', ...flags, '--', 'node', 'job.mjs'],
        cluster.environment,
      );
    const failing = start();
    let said = '';
    failing.stderr?.on('data', (text) => (said += String(text)));
    cluster.command('scancel', await cancelTask());
    expect((await once(failing, 'exit'))[0]).toBe(1);
    expect(said).toMatch(/worker 1 was ended by Slurm: CANCELLED \(job \d+_1\)/);
    expect(queue()).toBe('');
    const again = start('--on-failure', 'retry:1');
    const id = await cancelTask();
    scratch.put('mended', '');
    cluster.command('scancel', id);
    expect((await once(again, 'exit'))[0]).toBe(0);
    expect(reportOf(scratch)).toMatchObject({
      events: once10,
      failures: [{ worker: 1, message: expect.stringContaining('CANCELLED') as string }],
      workers: [{ attempts: 1 }, { attempts: 2 }, { attempts: 1 }],
    });
  });

  it('an interruption cancels all jobs', async () => {
    using scratch = new Scratch();
    commandJob(
      scratch,
      "const child = spawn('sleep', ['1000'], { stdio: 'ignore' }); writeFileSync('pids.txt', process.pid + ' ' + child.pid + ' '); setInterval(() => undefined, 1000);",
    );
    const run = startPoolRun(scratch, ['--backend', 'slurm', '-n', '2', '-o', 'm.root', '--', 'node', 'job.mjs'], cluster.environment);
    const pids = (worker: number): number[] =>
      readFileSync(scratch.path('pool_workers', `worker_${worker}`, 'pids.txt'), 'utf8')
        .trim()
        .split(' ')
        .map(Number);
    expect(
      await until(() =>
        [0, 1].every((worker) => existsSync(scratch.path('pool_workers', `worker_${worker}`, 'pids.txt')) && pids(worker).length === 2),
      ),
    ).toBe(true);
    run.kill('SIGTERM');
    expect((await once(run, 'exit'))[0]).toBe(143);
    expect(queue()).toBe('');
    expect([...pids(0), ...pids(1)].filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(existsSync(scratch.path('m.root'))).toBe(false);
    expect(statusOf(scratch)).toMatchObject({ code: 1, status: { state: 'stopped' } });
  });

  it('a run that is left alone merges by itself, is seen from outside, and can be followed', async () => {
    using scratch = new Scratch();
    commandJob(scratch, "while (!existsSync(submit + 'go')) await new Promise((resolve) => setTimeout(resolve, 50));");
    const run = (name: string, ...flags: string[]) =>
      slurm(scratch, '-n', '3', '--fan-in', '2', '-o', name, '--events', '10', ...flags, '--', 'node', 'job.mjs');
    expect(run('m.root', '--detach')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^submitted as pool-run-\w+: 3 workers \(job \d+\) and 3 merges \(jobs \d+, \d+, \d+\)\n/) as string,
    });
    expect(statusOf(scratch)).toMatchObject({
      code: 5,
      status: { state: 'running', merges: [{ status: 'waiting', slurm: 'PENDING (Dependency)' }, {}, {}] },
    });
    expect(run('x.root')).toMatchObject({ code: 2, stderr: expect.stringContaining('jobs of Slurm are at work here') as string });
    expect(poolRun(scratch, ['-n', '3', '-o', 'x.root', '--', 'node', 'job.mjs'], cluster.environment).stderr).toContain(
      'jobs of Slurm are at work here',
    );
    expect(run('x.root', '--resume')).toMatchObject({ code: 2, stderr: expect.stringContaining('have other options') as string });
    scratch.put('go', '');
    expect(run('m.root', '--resume')).toMatchObject({ code: 0, stdout: expect.stringContaining('10 events, each once') as string });
    expect(run('n.root', '--detach').code).toBe(0);
    expect(await ended(scratch)).toBe(true);
    expect(statusOf(scratch).code).toBe(0);
    expect(existsSync(scratch.path('n.root'))).toBe(true);
    expect(run('n.root', '--resume')).toMatchObject({ code: 0, stdout: expect.stringContaining('10 events, each once') as string });
  });

  it('whose front end is killed, or whose task Slurm starts again, does every event once', { timeout: 420_000 }, async () => {
    using scratch = new Scratch();
    commandJob(
      scratch,
      "appendFileSync(submit + 'ran', String(worker)); while (worker === 1 && !existsSync(submit + 'go')) await new Promise((resolve) => setTimeout(resolve, 50));",
    );
    const ran = (count: number) =>
      existsSync(scratch.path('ran')) && readFileSync(scratch.path('ran'), 'utf8').split('1').length === count + 1;
    const flags = ['--backend', 'slurm', '-n', '3', '--fan-in', '2', '-o', 'm.root', '--events', '10'];
    const front = startPoolRun(scratch, [...flags, '--', 'node', 'job.mjs'], cluster.environment);
    expect(await until(() => ran(1))).toBe(true);
    front.kill('SIGKILL');
    await once(front, 'exit');
    const { status } = statusOf(scratch);
    expect(status).toMatchObject({ state: 'running', workers: [{}, { status: 'running', slurm: 'RUNNING' }, {}] });
    const task = status.workers[1]?.job ?? '';
    cluster.command('scontrol', 'requeue', task);
    expect(await until(() => statusOf(scratch).status.workers[1]?.slurm?.startsWith('PENDING') === true)).toBe(true);
    // Slurm lets a requeued task wait for two minutes unless it is told otherwise. Its daemon refuses a start in the second in which it
    // ended the one before (times of credentials are whole seconds), and that makes the task fail: so not before.
    const [, id] = /JobId=(\d+)/.exec(cluster.command('scontrol', 'show', 'job', task)) ?? [];
    expect(await until(() => cluster.command('pgrep', '-f', `slurmstepd: \\[${id}\\.`) === '', 60)).toBe(true);
    await sleep(2000);
    const again = async (): Promise<boolean> => {
      cluster.command('scontrol', 'update', `JobId=${task}`, 'StartTime=now');
      return until(() => ran(2), 5);
    };
    let isAgain = await again();
    for (let tries = 1; !isAgain && tries < 60; tries++) isAgain = await again();
    expect(isAgain).toBe(true);
    scratch.put('go', '');
    expect(poolRun(scratch, [...flags, '--resume', '--', 'node', 'job.mjs'], cluster.environment)).toMatchObject({ code: 0, stderr: '' });
    expect(reportOf(scratch)).toMatchObject({ events: once10, workers: [{ attempts: 1 }, { attempts: 2 }, { attempts: 1 }] });
    expect((await diffFiles(scratch.path('m.root'), handMergedPath(scratch), { rel: 1e-6 })).isSame).toBe(true);
  });

  it('events that are missing are not merged, and a merge that is refused is told as by a local run', () => {
    using scratch = new Scratch();
    commandJob(scratch, 'if (worker === 1) truncateSync(process.env.POOL_EVENT_LOG, 2)');
    expect(slurm(scratch, '-n', '3', '-o', 'm.root', '--events', '9', '--', 'node', 'job.mjs')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('events: 2 missing (4, 7)') as string,
    });
    commandJob(scratch, `copyFileSync(\`${fixture('worker_0.root')}\`, 'extra' + worker + '.root')`);
    expect(slurm(scratch, '-n', '3', '-o', 'm.root', '--fan-in', '2', '--', 'node', 'job.mjs')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/worker \d wrote no extra\d\.root, others did/) as string,
    });
    expect(existsSync(scratch.path('m.root'))).toBe(false);
    expect(queue()).toBe('');
  });

  it('what Slurm refuses is told', () => {
    using scratch = new Scratch();
    commandJob(scratch);
    expect(slurm(scratch, '-n', '3', '-o', 'm.root', '--slurm-options', '--partition=none', '--', 'node', 'job.mjs')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('sbatch failed: sbatch: error: invalid partition specified: none') as string,
    });
  });

  it('POOL files merged in steps have references that lead where they led', async () => {
    using scratch = new Scratch();
    for (const i of [0, 1, 2]) copyFileSync(fixture(`pool/index_${i}.root`), scratch.path(`in_${i}.root`));
    const { code, stderr } = slurm(
      scratch,
      '-n',
      '3',
      '--fan-in',
      '2',
      '-o',
      'm.root',
      '--',
      'cp',
      '{submit}/in_{worker}.root',
      'pool.root',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(scratch.run([0, 1, 2].map((i) => `in_${i}.root`).concat('-o', 'flat.root', '-q')).code).toBe(0);
    const [flat, merged] = [await checkReferences([scratch.path('flat.root')]), await checkReferences([scratch.path('m.root')])];
    expect(flat.resolved).toBeGreaterThan(0);
    expect(merged).toMatchObject({ resolved: flat.resolved, dangling: 0, foreign: flat.foreign });
  });
});
