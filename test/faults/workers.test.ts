/** Workers that fail in every way: named, retried, dropped, resumed; no process is left behind. */
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { commandJob, isRunning, moduleJob, poolRun, reportOf, startPoolRun, until } from '../run-tool.ts';
import { Scratch } from '../scratch.ts';

const RUN = ['-n', '3', '-o', 'm.root', '--events', '9'];

/** Runs a job that fails with code 1 and leaves no output; returns what is said of it. */
function failing(extra: string, flags: string[] = []): string {
  using scratch = new Scratch();
  commandJob(scratch, extra);
  const { code, stderr } = poolRun(scratch, [...RUN, ...flags, '--', 'node', 'job.mjs']);
  expect(code).toBe(1);
  expect(existsSync(scratch.path('m.root'))).toBe(false);
  expect(existsSync(scratch.path('pool_workers', 'worker_1'))).toBe(true);
  return stderr;
}

describe('a worker that fails is named', () => {
  it('with its exit code and the end of its log', () => {
    expect(failing("if (worker === 1) { console.log('no calibration'); process.exit(7); }")).toMatch(
      /worker 1 ended with exit code 7; its log is .*worker_1\/pool-run\.log\n {2}no calibration/,
    );
  });

  it('with the signal that ended it', () => {
    expect(failing("if (worker === 1) process.kill(process.pid, 'SIGKILL')")).toContain('worker 1 was ended by SIGKILL');
  });

  it('when it hangs', () => {
    expect(failing('if (worker === 1) setInterval(() => undefined, 1000)', ['--timeout', '2'])).toContain(
      'worker 1 did not end within 2 s and was stopped',
    );
  });

  it('when its output was never closed', () => {
    expect(failing("if (worker === 1) truncateSync('hist.root', 5000)")).toContain('worker 1 left hist.root incomplete');
  });

  it('when it wrote no output', () => {
    using scratch = new Scratch();
    commandJob(scratch).toString();
    scratch.put('job.mjs', readFileSync(scratch.path('job.mjs'), 'utf8').replace('copyFileSync(`', 'if (worker !== 1) copyFileSync(`'));
    const { code, stderr } = poolRun(scratch, [...RUN, '--', 'node', 'job.mjs']);
    expect(code).toBe(1);
    expect(stderr).toContain('worker 1 wrote no hist.root, others did');
  });

  it('when it cannot be started', () => {
    using scratch = new Scratch();
    const { code, stderr } = poolRun(scratch, [...RUN, '--', './nothing']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/worker \d cannot be started: .*ENOENT/);
  });

  it('when its module waits for what never comes', () => {
    using scratch = new Scratch();
    moduleJob(scratch, 'if (event === 4) return new Promise(() => undefined)');
    expect(poolRun(scratch, [...RUN, 'module.mjs'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('worker 1 ended with exit code 13'),
    });
  });

  it('when its module throws, or is no job', () => {
    using scratch = new Scratch();
    moduleJob(scratch, "if (event === 4) throw new Error('bad event')");
    expect(poolRun(scratch, [...RUN, 'module.mjs'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/worker 1 ended with exit code 1[^]*bad event/),
    });
    scratch.put('module.mjs', 'export default {}');
    expect(poolRun(scratch, [...RUN, 'module.mjs']).stderr).toContain('a job needs a default export');
  });
});

describe('events', () => {
  it('done twice or not at all are not merged', () => {
    using scratch = new Scratch();
    commandJob(scratch, "if (worker === 1) appendFileSync(process.env.POOL_EVENT_LOG, '4\\n')");
    const twice = poolRun(scratch, [...RUN, '--', 'node', 'job.mjs']);
    expect(twice.code).toBe(4);
    expect(twice.stderr).toContain('events: 1 done more than once (4)');
    commandJob(scratch, 'if (worker === 1) truncateSync(process.env.POOL_EVENT_LOG, 2)');
    const missing = poolRun(scratch, [...RUN, '--', 'node', 'job.mjs']);
    expect(missing.code).toBe(4);
    expect(missing.stderr).toContain('events: 2 missing (4, 7): worker 1 did 1 of 3;');
    scratch.put('none.mjs', 'process.exit(0);');
    expect(poolRun(scratch, [...RUN, 'none.mjs'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('worker 0 did 0 of 3, worker 1 did 0 of 3'),
    });
    expect(existsSync(scratch.path('m.root'))).toBe(false);
  });
});

describe('a failure', () => {
  it('is retried, and the events come once into the output', () => {
    using scratch = new Scratch();
    commandJob(
      scratch,
      "if (worker === 1 && !existsSync(submit + 'seen')) { writeFileSync(submit + 'seen', ''); process.kill(process.pid, 'SIGKILL'); }",
    );
    const { code, stderr } = poolRun(scratch, [...RUN, '--on-failure', 'retry:1', '--', 'node', 'job.mjs']);
    expect(code).toBe(0);
    expect(stderr).toContain('warning: worker 1 was ended by SIGKILL');
    expect(reportOf(scratch)).toMatchObject({
      events: { counted: 9, missingCount: 0, repeatedCount: 0 },
      failures: [{ worker: 1, signal: 'SIGKILL' }],
      workers: [{ attempts: 1 }, { attempts: 2 }, { attempts: 1 }],
    });
  });

  it('is retried with what it had taken from the queue', () => {
    using scratch = new Scratch();
    moduleJob(
      scratch,
      "if (worker === 1) { if (!existsSync('../../seen') && event > 20) { writeFileSync('../../seen', ''); process.kill(process.pid, 'SIGKILL'); } }",
    );
    scratch.put(
      'module.mjs',
      readFileSync(scratch.path('module.mjs'), 'utf8')
        .replace('{ copyFileSync }', '{ copyFileSync, existsSync, writeFileSync }')
        .replace(
          'execute(event, { worker }) {',
          'async execute(event, { worker }) { await new Promise((resolve) => setTimeout(resolve, 5));',
        ),
    );
    const { code, stderr } = poolRun(scratch, [
      '-n',
      '3',
      '-o',
      'm.root',
      '--events',
      '300',
      '--schedule',
      'queue',
      '--on-failure',
      'retry:1',
      'module.mjs',
    ]);
    expect({ code, stderr: stderr.slice(0, 44) }).toEqual({ code: 0, stderr: 'warning: worker 1 was ended by SIGKILL; its ' });
    expect(reportOf(scratch)).toMatchObject({
      events: { counted: 300, missingCount: 0, repeatedCount: 0 },
      workers: [{ attempts: 1 }, { attempts: 2 }, { attempts: 1 }],
    });
  });

  it('is dropped with its events', () => {
    using scratch = new Scratch();
    commandJob(
      scratch,
      "if (worker === 1) { writeFileSync('.hist.root.pool-merge-host-1.tmp', ''); console.log('given up'); process.exit(9); }",
    );
    const { code, stdout, stderr } = poolRun(scratch, [...RUN, '--on-failure', 'drop', '--', 'node', 'job.mjs']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^warning: worker 1 ended with exit code 9; its log is .*pool-run\.log\n {2}given up$/m);
    expect(stdout).toContain('6 events, each once, 3 missing; 1 failure; 1 worker dropped');
    const report = reportOf(scratch);
    expect(report.events.missing).toEqual([1, 4, 7]);
    expect(report.outputs[0]?.merge.totals.inputs).toBe(2);
    expect(scratch.list('pool_workers/worker_1')).toEqual([
      '.hist.root.pool-merge-host-1.tmp',
      'hist.root',
      'pool-run.events',
      'pool-run.log',
    ]);
    expect(report).toMatchObject({ diagnostics: [], workers: [{}, { otherFiles: [] }, {}] });
  });

  it('ends the other workers; the rest can be resumed', () => {
    using scratch = new Scratch();
    commandJob(
      scratch,
      "appendFileSync(submit + 'ran', String(worker)); if (worker === 1 && !existsSync(submit + 'mended')) setTimeout(() => process.exit(1), 1500);",
    );
    expect(poolRun(scratch, [...RUN, '--', 'node', 'job.mjs']).code).toBe(1);
    scratch.put('mended', '');
    expect(poolRun(scratch, ['-n', '3', '-o', 'm.root', '--events', '12', '--resume', '--', 'node', 'job.mjs'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('another job ran here'),
    });
    expect(poolRun(scratch, [...RUN, '--resume', '--', 'node', 'job.mjs']).code).toBe(0);
    expect(readFileSync(scratch.path('ran'), 'utf8').split('').sort().join('')).toBe('0112');
    expect(reportOf(scratch).events).toMatchObject({ counted: 9, missingCount: 0, repeatedCount: 0 });
  });
});

describe('an interruption', () => {
  const HANGING =
    "const child = spawn('sleep', ['1000'], { stdio: 'ignore' }); writeFileSync('pids.txt', process.pid + ' ' + child.pid); setInterval(() => undefined, 1000);";
  const pidsOf = (scratch: Scratch) =>
    [0, 1, 2].flatMap((worker) =>
      readFileSync(scratch.path('pool_workers', `worker_${worker}`, 'pids.txt'), 'utf8')
        .split(' ')
        .map(Number),
    );
  const allStarted = (scratch: Scratch) =>
    until(() =>
      [0, 1, 2].every(
        (worker) =>
          existsSync(scratch.path('pool_workers', `worker_${worker}`, 'pids.txt')) &&
          readFileSync(scratch.path('pool_workers', `worker_${worker}`, 'pids.txt'), 'utf8').includes(' '),
      ),
    );

  it.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s ends all workers and their children', async (signal, code) => {
    using scratch = new Scratch();
    commandJob(scratch, HANGING);
    const run = startPoolRun(scratch, [...RUN, '--', 'node', 'job.mjs']);
    expect(await allStarted(scratch)).toBe(true);
    const pids = pidsOf(scratch);
    expect(pids.every(isRunning)).toBe(true);
    expect(poolRun(scratch, [...RUN, '--', 'node', 'job.mjs'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a job is at work here'),
    });
    run.kill(signal);
    expect((await once(run, 'exit'))[0]).toBe(code);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(existsSync(scratch.path('m.root'))).toBe(false);
  });

  it('by two signals ends workers at once that do not want to', async () => {
    using scratch = new Scratch();
    commandJob(scratch, `process.on('SIGTERM', () => writeFileSync('told', '')); ${HANGING}`);
    const run = startPoolRun(scratch, [...RUN, '--', 'node', 'job.mjs']);
    expect(await allStarted(scratch)).toBe(true);
    const pids = pidsOf(scratch);
    const start = performance.now();
    run.kill('SIGINT');
    expect(await until(() => existsSync(scratch.path('pool_workers', 'worker_0', 'told')))).toBe(true);
    run.kill('SIGINT');
    expect((await once(run, 'exit'))[0]).toBe(130);
    expect(performance.now() - start).toBeLessThan(4500);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it('by SIGKILL ends the workers of a module job', async () => {
    using scratch = new Scratch();
    moduleJob(
      scratch,
      "if (worker === 1) { (await import('node:fs')).writeFileSync('pid', String(process.pid) + ' '); await new Promise(() => setInterval(() => undefined, 1000)); }",
    );
    scratch.put('module.mjs', readFileSync(scratch.path('module.mjs'), 'utf8').replace('execute(', 'async execute('));
    const run = startPoolRun(scratch, [...RUN, 'module.mjs']);
    const path = scratch.path('pool_workers', 'worker_1', 'pid');
    expect(await until(() => existsSync(path) && readFileSync(path, 'utf8').includes(' '))).toBe(true);
    const pid = Number(readFileSync(path, 'utf8'));
    run.kill('SIGKILL');
    await once(run, 'exit');
    expect(await until(() => !isRunning(pid))).toBe(true);
  });
});
