/** Python jobs with PyROOT: initialized once, forked, merged; every event once, and the same histograms as serially. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRunning, poolRun, reportOf, startPoolRun, until } from '../run-tool.ts';
import { Scratch, fixture } from '../scratch.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const JOB = fileURLToPath(new URL('oracle/pool_job.py', import.meta.url));
const CHECK = fileURLToPath(new URL('oracle/pool_job_check.py', import.meta.url));
const EVENTS = 1000;

/** Events, whether each once, sum and entries of the histogram, workers, bins. */
type Contents = [number, boolean, number, number, number[], number[]];

let scratch: Scratch;
beforeAll(() => (scratch = new Scratch()));
afterAll(() => scratch[Symbol.dispose]());

function contentsOf(...names: string[]): Contents[] {
  return JSON.parse(execFileSync(PYTHON, [CHECK, ...names.map((name) => scratch.path(name))], { encoding: 'utf8' })) as Contents[];
}

/** Process id of a worker at work. */
function pidOfWorker(worker: number): number {
  const { workers } = JSON.parse(readFileSync(scratch.path('pool_workers', 'job.json'), 'utf8')) as { workers: { process?: string }[] };
  return Number(workers[worker]?.process?.split(':')[0]);
}

/** Runs the job with its arguments; expects success. */
function run(flags: string[], ...args: string[]): void {
  const { code, stderr } = poolRun(scratch, ['--python', PYTHON, '--events', String(EVENTS), ...flags, JOB, ...args]);
  expect({ code, stderr: stderr.replace(/^warning: worker .*\n/m, '') }).toEqual({
    code: 0,
    stderr: expect.not.stringContaining('Traceback') as string,
  });
}

describe('a Python job', () => {
  it('holds the same events and histograms with 1 to 4 workers, forked before or after the first event, outputs opened before or after', () => {
    run(['-n', '0']);
    renameSync(scratch.path('hist.root'), scratch.path('serial.root'));
    for (const workers of ['1', '2', '3', '4']) run(['-n', workers, '-o', `m${workers}.root`]);
    run(['-n', '4', '-o', 'first.root', '--fork-after', '1']);
    run(['-n', '4', '-o', 'queue.root', '--schedule', 'queue']);
    run(['-n', '4', '-o', 'early.root'], 'early');
    expect(scratch.list()).not.toContain('hist.root');
    const [serial, ...all] = contentsOf(
      'serial.root',
      'm1.root',
      'm2.root',
      'm3.root',
      'm4.root',
      'first.root',
      'early.root',
      'queue.root',
    );
    expect(serial?.slice(0, 5)).toEqual([EVENTS, true, EVENTS, EVENTS, [0]]);
    expect(all.map((contents) => contents[4].length)).toEqual([1, 2, 3, 4, 4, 4, expect.any(Number)]);
    for (const contents of all) expect([...contents.slice(0, 4), contents[5]]).toEqual([...(serial?.slice(0, 4) ?? []), serial?.[5]]);
  }, 180_000);

  it('whose worker is killed does its events once when it is run again', () => {
    run(['-n', '3', '-o', 'retried.root', '--on-failure', 'retry:1'], 'kill');
    expect(existsSync(scratch.path('killed'))).toBe(true);
    expect(reportOf(scratch)).toMatchObject({
      failures: [{ worker: 1, signal: 'SIGKILL' }],
      events: { counted: EVENTS, missingCount: 0, repeatedCount: 0 },
    });
    expect(contentsOf('retried.root')[0]?.slice(0, 4)).toEqual([EVENTS, true, EVENTS, EVENTS]);
  }, 60_000);

  it('has what was filled before the fork once, or once per worker; what a rehearsal fills not at all', () => {
    const job = fileURLToPath(new URL('oracle/prefork_job.py', import.meta.url));
    const runJob = (output: string, ...flags: string[]): void => {
      const { code, stderr } = poolRun(scratch, [
        '--python',
        PYTHON,
        '--events',
        '60',
        ...(output === 'prefork.root' ? ['-n', '0'] : ['-n', '3', '-o', output]),
        ...flags,
      ]);
      expect({ code, stderr: stderr.replace(/^.*(UserWarning|warnings\.warn|alpha stage).*\n/gm, '').trim() }).toEqual({
        code: 0,
        stderr: '',
      });
    };
    const serial = (name: string, ...args: string[]): void => {
      runJob('prefork.root', job, ...args);
      renameSync(scratch.path('prefork.root'), scratch.path(name));
    };
    serial('p-serial.root');
    serial('r-serial.root', 'rehearsal');
    runJob('p-first.root', job);
    runJob('p-all.root', '--keep-prefork', 'all', job);
    runJob('p-closed.root', job, 'closed');
    runJob('r-merged.root', '--fork-after', '1', job, 'rehearsal');
    runJob('r-early.root', '--fork-after', '1', job, 'early');
    const refused = poolRun(scratch, ['--python', PYTHON, '--events', '60', '-n', '2', '-o', 'x.root', '--fork-after', '1', job]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('the first event would be twice in tree') as string });
    const read = execFileSync(
      PYTHON,
      [job, ...['p-serial', 'r-serial', 'p-first', 'r-merged', 'r-early', 'p-all', 'p-closed'].map((name) => scratch.path(`${name}.root`))],
      { encoding: 'utf8' },
    );
    const [before, events, first, rehearsed, early, all, closed] = JSON.parse(read) as Record<string, number[]>[];
    expect(before?.['numbers']).toHaveLength(80);
    expect(first).toEqual(before);
    expect([rehearsed, early]).toEqual([events, events]);
    expect([all, closed].map((contents) => [contents?.['numbers']?.length, contents?.['TProfile']?.[0]])).toEqual([
      [120, 120],
      [60, 60],
    ]);
  }, 120_000);

  it('reads an input that was opened before the fork right: its descriptor is opened again', () => {
    run(['-n', '4', '-o', 'input.root']);
    run(['-n', '4', '-o', 'read.root'], 'input', scratch.path('input.root'));
    const [input, read] = contentsOf('input.root', 'read.root');
    expect(read?.slice(0, 4)).toEqual(input?.slice(0, 4));
  }, 60_000);

  it('shares what initialize made', () => {
    run(['-n', '4', '-o', 'shared.root', '--memory'], 'memory', '300');
    const points = reportOf(scratch).workers.map(({ memory }) => memory ?? []);
    expect(points.map((memory) => memory.map(({ events }) => events))).toEqual([0, 1, 2, 3].map(() => [0, 1, 50]));
    for (const memory of points) for (const { sharedBytes } of memory) expect(sharedBytes).toBeGreaterThanOrEqual(250e6);
  }, 60_000);

  it('shares what the first event makes only if it is forked after that', () => {
    /** Private and shared bytes of the first worker before event 0 and after event 1. */
    const memoryOf = (...flags: string[]) => {
      run(['-n', '2', '-o', 'lazy.root', '-f', '--memory', ...flags], 'lazy', '300');
      const [before, after] = reportOf(scratch).workers[0]?.memory ?? [];
      return { before: before ?? { privateBytes: NaN, sharedBytes: NaN }, after: after ?? { privateBytes: NaN, sharedBytes: NaN } };
    };
    const [early, late] = [memoryOf(), memoryOf('--fork-after', '1')];
    expect(early.after.privateBytes - early.before.privateBytes).toBeGreaterThan(250e6);
    expect(late.after.privateBytes - late.before.privateBytes).toBeLessThan(50e6);
    expect(late.before.sharedBytes).toBeGreaterThan(250e6);
  }, 60_000);

  it('goes on when the process that forks the workers is killed', async () => {
    const job = startPoolRun(scratch, [
      '--python',
      PYTHON,
      '--events',
      '60000',
      '-n',
      '2',
      '-o',
      'master.root',
      '-f',
      '--on-failure',
      'retry:1',
      '--timeout',
      '120',
      JOB,
    ]);
    const log = scratch.path('pool_workers', 'worker_1', 'pool-run.events');
    expect(await until(() => existsSync(log) && readFileSync(log, 'latin1').length > 100, 60)).toBe(true);
    const worker = readFileSync(`/proc/${pidOfWorker(1)}/status`, 'latin1');
    process.kill(Number(/^PPid:\s+(\d+)/m.exec(worker)?.[1]), 'SIGKILL');
    expect((await once(job, 'exit'))[0]).toBe(0);
    expect(reportOf(scratch)).toMatchObject({ events: { missingCount: 0, repeatedCount: 0 }, workers: [{ attempts: 2 }, { attempts: 2 }] });
  }, 120_000);

  it('that fails in initialize, or is none, is told with its log', () => {
    scratch.put('broken.py', 'def initialize():\n    raise RuntimeError("no geometry")\ndef execute(event):\n    pass\n');
    scratch.put('none.py', 'x = 1\n');
    const fail = (name: string, ...flags: string[]) =>
      poolRun(scratch, ['--python', PYTHON, '-n', '2', '-o', 'x.root', '--events', '4', ...flags, name]);
    expect(fail('broken.py')).toMatchObject({ code: 1, stderr: expect.stringMatching(/initialize ended with exit code 1[^]*no geometry/) });
    expect(fail('none.py').stderr).toContain('a job needs a function execute(event)');
    scratch.put('plain.py', 'def execute(event):\n    if event == 3: raise ValueError("bad event")\n');
    expect(fail('plain.py')).toMatchObject({ code: 1, stderr: expect.stringMatching(/worker 1 ended with exit code 1[^]*bad event/) });
    expect(fail('plain.py', '--fork-after', '1').stderr).toContain('needs a function io_reinit(worker)');
    expect(fail('plain.py', '--timeout', '0.0001').stderr).toContain('was not started within');
  });

  it('may close its streams, ignore its children, leave processes behind and keep the file of the rehearsal open', () => {
    scratch.put(
      'careless.py',
      `import os, shutil, signal, subprocess, sys
file = None
def initialize():
    sys.stdin.read()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print(subprocess.Popen(['sleep', '1000']).pid, file=open(os.path.join(os.environ['POOL_SUBMIT_DIR'], 'left.pid'), 'w'))
    sys.stdout.close()
def io_reinit(worker):
    global file
    file = open('hist.root', 'wb', buffering=0)
def execute(event):
    pass
def finalize():
    file.write(open(${JSON.stringify(fixture('worker_0.root'))}, 'rb').read())
`,
    );
    for (const flags of [[], ['--fork-after', '1', '--schedule', 'queue']]) {
      const { code, stderr } = poolRun(scratch, [
        '--python',
        PYTHON,
        '-n',
        '3',
        '-o',
        'careless.root',
        '-f',
        '--events',
        '10',
        ...flags,
        'careless.py',
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(isRunning(Number(readFileSync(scratch.path('left.pid'), 'utf8')))).toBe(false);
      expect(readdirSync(scratch.path('pool_workers')).sort()).toEqual(['AthenaMPOutputs', 'initialize.log', 'job.json', 'report.json']);
    }
  });

  it('is stopped while it is in initialize', async () => {
    scratch.put(
      'slow.py',
      'import os, time\ndef initialize():\n    open("slow.pid", "w").write("%d " % os.getpid())\n    time.sleep(1000)\ndef execute(event):\n    pass\n',
    );
    const run = startPoolRun(scratch, ['--python', PYTHON, '-n', '2', '-o', 'x.root', '--events', '4', 'slow.py']);
    const path = scratch.path('slow.pid');
    expect(await until(() => existsSync(path) && readFileSync(path, 'utf8').endsWith(' '), 60)).toBe(true);
    run.kill('SIGTERM');
    expect((await once(run, 'exit'))[0]).toBe(143);
    expect(isRunning(Number(readFileSync(path, 'utf8')))).toBe(false);
  });
});
