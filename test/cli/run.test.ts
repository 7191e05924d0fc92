/** pool-run as a process: the kinds of jobs, where their files go, what is told. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RUN_FLAGS, parseRunCommandLine } from '../../cli/run-flags.ts';
import { jobSummary, progressTable, startLiveTable } from '../../cli/run-render.ts';
import { UsageError } from '../../src/index.ts';
import { TOOL, commandJob, moduleJob, poolRun, reportOf } from '../run-tool.ts';
import { Scratch, fixture } from '../scratch.ts';

/** What merging the same three files by hand gives. */
function mergedByHand(scratch: Scratch): Buffer {
  scratch.run([0, 1, 2].map((worker) => fixture(`worker_${worker}.root`)).concat('-o', 'by-hand.root', '-q'));
  return readFileSync(scratch.path('by-hand.root'));
}

describe('the command line of pool-run', () => {
  it('takes a command after --, a file with arguments before', () => {
    expect(parseRunCommandLine(['-n', '2', '-o', 'x', '--', 'cmd', '-n', '{seed}'])).toEqual({
      words: ['cmd', '-n', '{seed}'],
      isCommand: true,
      flags: { workers: 2, output: 'x', merge: true },
    });
    expect(parseRunCommandLine(['-n', '-1', 'job.py', '--own', '--', 'x'])).toMatchObject({
      words: ['job.py', '--own', '--', 'x'],
      isCommand: false,
      flags: { workers: -1 },
    });
    expect(parseRunCommandLine(['--on-failure', 'retry:2', '--no-merge', 'a.mjs'])).toMatchObject({
      flags: { onFailure: { kind: 'retry', times: 2 }, merge: false },
    });
  });

  it('refuses values that mean nothing', () => {
    for (const line of ['-n two', '--events 0', '--timeout -1', '--on-failure retry', '--on-failure retry:0', '--fork-after 2', '--none']) {
      expect(() => parseRunCommandLine([...line.split(' '), 'a.py'])).toThrow(UsageError);
    }
  });

  it('is described in docs/pool-run.md', () => {
    const text = readFileSync(new URL('../../docs/pool-run.md', import.meta.url), 'utf8');
    for (const { flags, help } of RUN_FLAGS) expect(text).toContain(`| \`${flags}\` | ${help} |`);
  });

  it('says what is missing before anything is started', () => {
    using scratch = new Scratch();
    commandJob(scratch);
    const refused = (args: string[]) => {
      const { code, stderr } = poolRun(scratch, args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(refused(['-n', '2', '-o', 'm.root'])).toContain('no job given');
    expect(refused(['-n', '2', '--', 'node', 'job.mjs'])).toContain('no output given');
    expect(refused(['-o', 'm.root', '--', 'node', 'job.mjs'])).toContain('-n COUNT');
    expect(refused(['-n', '2', '-o', 'm.root', 'job.mjs'])).toContain('--events');
    expect(refused(['-n', '2', '-o', 'm.root', 'node', 'job.mjs'])).toContain('-- node job.mjs');
    expect(refused(['-n', '2', '-o', 'm.root', '--fork-after', '1', '--events', '2', 'job.mjs'])).toContain('Python');
    expect(refused(['-n', '2', '-o', 'm.root', '--schedule', 'queue', '--events', '2', '--', 'node', 'job.mjs'])).toContain(
      'a command cannot take events from a queue',
    );
    scratch.put('m.root', 'mine');
    expect(refused(['-n', '2', '-o', 'm.root', '--', 'node', 'job.mjs'])).toContain('exists already');
    scratch.put('mine/file', '');
    expect(refused(['-n', '2', '-o', 'x.root', '--dir', 'mine', '--', 'node', 'job.mjs'])).toContain('not the directory of a job');
    expect(refused(['-n', '2', '-o', 'x.root', '--resume', '--', 'node', 'job.mjs'])).toContain('nothing to resume');
    expect(scratch.list()).toEqual(['job.mjs', 'm.root', 'mine']);
  });
});

describe('a job', () => {
  it('of a command gives what merging by hand gives', () => {
    using scratch = new Scratch();
    commandJob(scratch);
    const { code, stdout, stderr } = poolRun(scratch, ['-n', '3', '-o', 'merged.root', '--events', '10', '--', 'node', 'job.mjs']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^3 workers; 10 events, each once; .*\nhist\.root: 3 files merged into merged\.root \(/);
    expect(readFileSync(scratch.path('merged.root')).equals(mergedByHand(scratch))).toBe(true);
    expect(scratch.list('pool_workers')).toEqual(['AthenaMPOutputs', 'job.json', 'report.json']);
    expect(reportOf(scratch)).toMatchObject({
      kind: 'job',
      workerCount: 3,
      events: { expected: 10, counted: 10, missingCount: 0, repeatedCount: 0 },
      workers: [{ events: 4, files: ['hist.root'] }, { events: 3 }, { events: 3 }],
    });
    expect(readFileSync(scratch.path('pool_workers', 'AthenaMPOutputs'), 'utf8').match(/worker_\d\/hist\.root/g)).toEqual([
      'worker_0/hist.root',
      'worker_1/hist.root',
      'worker_2/hist.root',
    ]);
  });

  it('of a module does the same events', () => {
    using scratch = new Scratch();
    moduleJob(scratch, 'console.log(`event ${event}`)');
    const { code, stderr } = poolRun(scratch, [
      '-n',
      '3',
      '-o',
      'merged.root',
      '--events',
      '7',
      '--first-event',
      '5',
      '--keep-logs',
      '--memory',
      'module.mjs',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(scratch.path('merged.root')).equals(mergedByHand(scratch))).toBe(true);
    expect(readFileSync(scratch.path('pool_workers', 'job.log'), 'utf8')).toBe(
      '=== worker 0\nevent 5\nevent 8\nevent 11\n=== worker 1\nevent 6\nevent 9\n=== worker 2\nevent 7\nevent 10\n',
    );
    if (!existsSync('/proc/self/smaps_rollup')) return;
    expect(reportOf(scratch).workers.map(({ memory }) => memory?.map(({ events }) => events))).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    for (const { memory } of reportOf(scratch).workers) expect(memory?.[0]?.privateBytes).toBeGreaterThan(1e6);
  });

  it('inside of a worker of another one takes nothing from that', () => {
    using scratch = new Scratch();
    const inner = moduleJob(scratch);
    scratch.put(
      'outer.mjs',
      `import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
export default { execute() {}, finalize() { execFileSync(process.execPath, ${JSON.stringify([TOOL, '-n', '2', '-o', 'inner.root', '--events', '5', inner])}); } };
`,
    );
    expect(poolRun(scratch, ['-n', '2', '-o', 'merged/', '--events', '4', '--schedule', 'queue', 'outer.mjs'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('inner.root: 2 files') as string,
    });
  });

  it('without workers runs where it is, and merges nothing', () => {
    using scratch = new Scratch();
    commandJob(scratch, 'console.log(process.cwd(), worker, number("MAX_EVENTS"))');
    scratch.put('job.mjs', readFileSync(scratch.path('job.mjs'), 'utf8').replace(/^for .*\n/m, ''));
    const { code, stdout, stderr } = poolRun(scratch, ['-n', '0', '-o', 'm.root', '--events', '5', '--', 'node', 'job.mjs']);
    expect(code).toBe(0);
    expect(stdout).toContain(`${scratch.folder} 0 5\nserial run`);
    expect(stderr).toContain('merges nothing');
    expect(scratch.list()).toEqual(['hist.root', 'job.mjs']);
    moduleJob(scratch, 'console.log(event)');
    expect(poolRun(scratch, ['-n', '-1', '--events', '3', 'module.mjs']).stdout).toMatch(/^0\n1\n2\nserial run/);
    expect(poolRun(scratch, ['-n', '0', '--', 'bash', '-c', 'echo 0 >> $POOL_EVENT_LOG && exit 5'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exit code 5'),
    });
  });

  it('moves the directory of an older one aside, and keeps what was not merged', () => {
    using scratch = new Scratch();
    commandJob(scratch, "writeFileSync('notes.txt', String(worker))");
    for (const name of ['a.root', 'b.root']) {
      const { code, stderr } = poolRun(scratch, ['-n', '2', '-o', name, '--', 'node', 'job.mjs']);
      expect(code).toBe(0);
      expect(stderr).toContain('2 of the workers wrote files of other formats');
    }
    expect(scratch.list()).toEqual(['a.root', 'b.root', 'job.mjs', 'pool_workers', 'pool_workers-bak-1']);
    expect(scratch.list('pool_workers/worker_1')).toEqual(['notes.txt']);
  });

  it('with several outputs needs a folder for them; pool-merge finds them by itself', () => {
    using scratch = new Scratch();
    commandJob(scratch, "mkdirSync('d'); copyFileSync('hist.root', 'd/hist.root')");
    const { code, stderr } = poolRun(scratch, ['-n', '3', '-o', 'm.root', '--', 'node', 'job.mjs']);
    expect(code).toBe(1);
    expect(stderr).toContain('2 different files (d/hist.root, hist.root)');
    expect(scratch.run(['pool_workers', '-o', 'merged/', '-q'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect([scratch.list('merged'), scratch.list('merged/d')]).toEqual([['d', 'hist.root'], ['hist.root']]);
    expect(poolRun(scratch, ['-n', '3', '-o', 'again/', '--keep-workers', '--', 'node', 'job.mjs']).code).toBe(0);
    const byHand = mergedByHand(scratch);
    for (const path of ['merged/hist.root', 'merged/d/hist.root', 'again/hist.root', 'again/d/hist.root']) {
      expect(readFileSync(scratch.path(path)).equals(byHand)).toBe(true);
    }
    expect(existsSync(scratch.path('pool_workers/worker_2/d/hist.root'))).toBe(true);
  });

  it('is measured with 0, 1, 2 workers', () => {
    using scratch = new Scratch();
    commandJob(scratch, 'const end = Date.now() + 100; while (Date.now() < end);');
    const { code, stdout, stderr } = poolRun(scratch, ['--scaling', '0..2', '--json', 'report.json', '--', 'node', 'job.mjs']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^workers  user s  system s  CPU %  elapsed s  speed-up\n {6}0 .* 1\.00\n {6}1 .*\n {6}2 .*\nruns, /);
    const { rows } = JSON.parse(readFileSync(scratch.path('report.json'), 'utf8')) as {
      rows: { workers: number; userSeconds: number; systemSeconds: number; cpuPercent: number }[];
    };
    expect(rows.map(({ workers }) => workers)).toEqual([0, 1, 2]);
    for (const row of rows) expect(row.userSeconds + row.systemSeconds).toBeGreaterThan(0.1 * Math.max(1, row.workers) * 0.3);
    expect(scratch.list('pool_scaling')).toEqual([
      'merged_1',
      'merged_2',
      'scaling.json',
      'scaling.svg',
      'workers_0',
      'workers_1',
      'workers_2',
    ]);
    expect(readFileSync(scratch.path('pool_scaling', 'scaling.svg'), 'utf8').match(/<circle/g)?.length).toBe(3);
    expect(poolRun(scratch, ['--scaling', '0..2', '--', 'node', 'job.mjs'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('pool_scaling'),
    });
    expect(poolRun(scratch, ['--scaling', '2..0', '--', 'node', 'job.mjs'])).toMatchObject({ code: 2 });
    expect(poolRun(scratch, ['-n', '2', '--scaling', '0..2', '--', 'node', 'job.mjs'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('leave out -n'),
    });
  });

  it('that shall not merge leaves its files, for pool-merge', () => {
    using scratch = new Scratch();
    commandJob(scratch);
    expect(poolRun(scratch, ['-n', '3', '--no-merge', '--events', '9', 'none.py'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no such job'),
    });
    expect(poolRun(scratch, ['-n', '3', '--no-merge', '-o', 'm.root', '--', 'node', 'job.mjs'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('leave out -o'),
    });
    expect(poolRun(scratch, ['-n', '3', '--no-merge', 'none.py', '--events', '9'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('options of pool-run come before the job') as string,
    });
    expect(poolRun(scratch, ['-n', '3', '--no-merge', '--', 'node', '-e', "fs.writeFileSync('notes.txt', '')"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('the files lie in') as string,
    });
    expect(poolRun(scratch, ['-n', '3', '--no-merge', '--', 'node', 'job.mjs']).stdout).toContain('the files lie in');
    expect(scratch.run(['pool_workers', '-o', 'm.root', '-q']).code).toBe(0);
    expect(readFileSync(scratch.path('m.root')).equals(mergedByHand(scratch))).toBe(true);
  });
});

describe('what is told', () => {
  const workers = [
    { worker: 0, status: 'running' as const, attempts: 2, events: 50, eventsTotal: 100, memory: { privateBytes: 4e6, sharedBytes: 310e6 } },
    { worker: 1, status: 'done' as const, attempts: 1 },
  ];

  it('of a running job is a table', () => {
    expect(progressTable({ seconds: 10, workers })).toEqual([
      'worker  status        events  per second  private MB  shared MB',
      '     0  running (2.)  50/100         5.0           4        310',
      '     1  done',
    ]);
  });

  it('is drawn over itself, on a terminal only', () => {
    expect(startLiveTable({ isTTY: false, write: () => undefined })).toBeUndefined();
    const written: string[] = [];
    const table = startLiveTable({ isTTY: true, columns: 20, write: (text: string) => written.push(text) });
    table?.draw({ seconds: 1, workers });
    table?.draw({ seconds: 2, workers: [] });
    table?.clear();
    expect(written.map((text) => text.split('\n').length)).toEqual([4, 1, 2, 1]);
    expect(written[1]).toBe('\u001b[3A\u001b[J');
  });

  it('of dropped workers are the events that are missing', () => {
    const events = { expected: 4, counted: 2, missingCount: 2, repeatedCount: 0, strayCount: 0, missing: [1, 3], repeated: [], stray: [] };
    const text = jobSummary({
      schemaVersion: 1,
      kind: 'job',
      directory: '/j',
      workerCount: 2,
      seconds: { run: 1, merge: 0.5 },
      events,
      outputs: [],
      diagnostics: [],
      workers: [
        {
          worker: 0,
          status: 'done',
          attempts: 1,
          files: [],
          otherFiles: [],
          memory: [
            { events: 0, privateBytes: 4e6, sharedBytes: 310e6 },
            { events: 1, privateBytes: 21e6, sharedBytes: 519e6 },
          ],
        },
        { worker: 1, status: 'dropped', attempts: 1, files: [], otherFiles: [] },
      ],
      failures: [{ worker: 1, message: 'x' }],
    });
    expect(text).toBe(
      '2 workers; 2 events, each once, 2 missing; 1 failure; 1 worker dropped; 1.00 s + 0.50 s merge\nthe files lie in /j\nprivate | shared MB  before event 0   after event 1\nworker 0                    4 | 310        21 | 519\nworker 1',
    );
  });
});

it('a place where nothing can be written is told before anything runs: no internal error', () => {
  using scratch = new Scratch();
  scratch.put('file', '');
  for (const output of ['file/out/', 'file/merged.root']) {
    const { code, stderr } = poolRun(scratch, ['-n', '2', '-o', output, '--', 'true']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('cannot be written: ENOTDIR') as string });
    expect(scratch.list()).toEqual(['file']);
  }
});

it('a job directory that cannot be made is told: no internal error', () => {
  using scratch = new Scratch();
  const { code, stderr } = poolRun(scratch, ['-n', '2', '-o', 'out.root', '--dir', '/proc/pool-run', '--', 'true']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: /proc/pool-run: the job directory cannot be made (ENOENT)\n' });
});
