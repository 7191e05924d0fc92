/** Workers that are threads, and data made once, when something goes wrong: named as processes are, nothing left behind. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { componentJob, isRunning, poolRun, reportOf, startPoolRun, until } from '../run-tool.ts';
import { Scratch } from '../scratch.ts';

const RUN = ['-n', '3', '-o', 'out/', '--events', '9', '--worker-kind', 'thread'];

/** A folder with the job and its input. */
function prepared(execute: string): Scratch {
  const scratch = new Scratch();
  scratch.copy('hists_0.root', 'in.root');
  componentJob(scratch, execute);
  return scratch;
}

/** Runs a job that fails; returns what is said of it. */
function failing(execute: string, ...flags: string[]): string {
  using scratch = prepared(execute);
  const { code, stderr } = poolRun(scratch, [...RUN, ...flags, 'job.mjs']);
  expect(code).toBe(1);
  expect(existsSync(scratch.path('out'))).toBe(false);
  return stderr;
}

/** Changes the job's text. */
function edit(scratch: Scratch, from: string, to: string): void {
  const text = readFileSync(scratch.path('job.mjs'), 'utf8');
  expect(text).toContain(from);
  scratch.put('job.mjs', text.replace(from, to));
}

const ONCE = { counted: 9, missingCount: 0, repeatedCount: 0 };

describe('a thread that fails is named', () => {
  it.each([
    [
      'throws',
      "if (event === 4) throw new Error('bad event')",
      /worker 1 ended with exit code 1; its log is .*worker_1\/pool-run\.log\n[^]*Error: bad event/,
    ],
    [
      'throws later',
      "if (event === 4) { setTimeout(() => { throw new Error('bad timer'); }); await new Promise(() => setTimeout(() => 0, 1e6)); }",
      /worker 1 ended with exit code 1[^]*bad timer/,
    ],
    [
      'rejects',
      "if (event === 4) { void Promise.reject(new Error('bad promise')); await new Promise(() => setTimeout(() => 0, 1e6)); }",
      /worker 1 ended with exit code 1[^]*bad promise/,
    ],
    [
      'ends its process',
      "if (event === 4) { console.log('no calibration'); process.exit(7); }",
      /worker 1 ended with exit code 7[^]*no calibration$/,
    ],
    ['waits for nothing', 'if (event === 4) await new Promise(() => undefined)', /worker 1 ended with exit code 13/],
  ])('when it %s', (_how, execute, message) => {
    expect(failing(execute).trimEnd()).toMatch(message);
  });

  it('when it hangs, with what it said last', () => {
    expect(failing("if (event === 4) { console.log('now'); for (;;); }", '--timeout', '8').trimEnd()).toMatch(
      /worker 1 did not end within 8 s and was stopped; [^]*\n {2}now$/,
    );
  });

  it('when it takes the process of all with it', () => {
    expect(failing("if (event === 4) process.kill(process.pid, 'SIGKILL')")).toMatch(
      /worker \d lost the process of all threads \(SIGKILL\)/,
    );
  });

  it('when it writes where others write at the same time', () => {
    using scratch = new Scratch();
    const library = new URL('../../dist/src/index.js', import.meta.url).href;
    const histogram = "{ className: 'TH1D', name: 'h', axes: [{ bins: 1, min: 0, max: 1 }] }";
    scratch.put(
      'job.mjs',
      `import { createRootFile } from '${library}';
let file;
export default {
  share: () => new Int32Array(1),
  initialize({ shared, workerCount }) {
    file = createRootFile('hist.root');
    file.bookHistogram('/', ${histogram});
    // All have the file open before one closes it.
    if (Atomics.add(shared, 0, 1) === workerCount - 1) Atomics.notify(shared, 0);
    for (let seen; (seen = Atomics.load(shared, 0)) < workerCount; ) Atomics.wait(shared, 0, seen, 100);
  },
  execute() {},
  finalize: () => file.close(),
};
`,
    );
    const { code, stderr } = poolRun(scratch, [...RUN, 'job.mjs']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/worker \d ended with exit code 1[^]*the output exists already/),
    });
  });
});

describe('a thread that is run again', () => {
  it('does its events once, after it failed alone', () => {
    using scratch = prepared("if (event === 4 && !existsSync('seen')) { writeFileSync('seen', ''); throw new Error('once'); }");
    expect(poolRun(scratch, [...RUN, '--on-failure', 'retry:1', 'job.mjs'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('warning: worker 1 ended with exit code 1'),
    });
    expect(reportOf(scratch)).toMatchObject({ events: ONCE, workers: [{ attempts: 1 }, { attempts: 2 }, { attempts: 1 }] });
  });

  it('does its events once, after all lost their process', () => {
    using scratch = prepared(
      "if (event === 4 && !existsSync('seen')) { writeFileSync('seen', ''); process.kill(process.pid, 'SIGKILL'); }",
    );
    expect(poolRun(scratch, [...RUN, '--on-failure', 'retry:1', 'job.mjs'])).toMatchObject({ code: 0 });
    expect(reportOf(scratch)).toMatchObject({
      events: ONCE,
      failures: expect.arrayContaining([{ worker: 1, message: expect.stringContaining('SIGKILL') }]),
    });
  });
});

describe('threads', () => {
  const HANG = "writeFileSync('pid', process.pid + ' '); for (;;);";

  it.each([
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const)('end when pool-run is ended by %s', async (signal, code) => {
    using scratch = prepared(HANG);
    const run = startPoolRun(scratch, [...RUN, 'job.mjs']);
    expect(await until(() => existsSync(scratch.path('pid')) && readFileSync(scratch.path('pid'), 'utf8').endsWith(' '))).toBe(true);
    const pid = Number(readFileSync(scratch.path('pid'), 'utf8'));
    expect(isRunning(pid)).toBe(true);
    run.kill(signal);
    expect((await once(run, 'exit'))[0]).toBe(code);
    expect(await until(() => !isRunning(pid))).toBe(true);
    expect(existsSync(scratch.path('out'))).toBe(false);
  });
});

describe('a process whose events are synchronous', () => {
  it('ends when pool-run is ended by SIGKILL', async () => {
    using scratch = new Scratch();
    scratch.put(
      'job.mjs',
      `import { writeFileSync } from 'node:fs';
export default {
  initialize({ directory }) { writeFileSync(directory + '/pid', process.pid + ' '); },
  execute() { for (const end = performance.now() + 20; performance.now() < end; ); },
};
`,
    );
    const run = startPoolRun(scratch, ['-n', '2', '-o', 'm.root', '--events', '4000', 'job.mjs']);
    const paths = [0, 1].map((worker) => scratch.path('pool_workers', `worker_${worker}`, 'pid'));
    expect(await until(() => paths.every((path) => existsSync(path) && readFileSync(path, 'utf8').endsWith(' ')), 30)).toBe(true);
    const pids = paths.map((path) => Number(readFileSync(path, 'utf8')));
    run.kill('SIGKILL');
    await once(run, 'exit');
    expect(await until(() => !pids.some(isRunning))).toBe(true);
  });

  it('ends when a serial run is interrupted', async () => {
    using scratch = new Scratch();
    scratch.put(
      'job.mjs',
      `import { writeFileSync } from 'node:fs';
export default { execute() { writeFileSync('begun', ''); for (const end = performance.now() + 20; performance.now() < end; ); } };
`,
    );
    const run = startPoolRun(scratch, ['-n', '0', '--events', '4000', 'job.mjs']);
    expect(await until(() => existsSync(scratch.path('begun')), 30)).toBe(true);
    run.kill('SIGINT');
    expect((await once(run, 'exit'))[0]).toBe(130);
  });
});

describe.each(['process', 'thread'])('data for workers that are a %s each', (kind) => {
  const RUN_KIND = [...RUN.slice(0, -1), kind];

  it('that cannot be made fail the job', () => {
    using scratch = prepared('');
    edit(scratch, 'return { weights', "throw new Error('no geometry'); return { weights");
    expect(poolRun(scratch, [...RUN_KIND, 'job.mjs'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/worker \d ended with exit code 1[^]*no geometry/),
    });
    expect(readdirSync(scratch.path('pool_workers'))).not.toContain('shared.data');
  });

  it('are made by another worker when the first ends too early', () => {
    using scratch = prepared('');
    edit(
      scratch,
      'return { weights',
      "const seen = process.env.POOL_SUBMIT_DIR + '/seen'; if (!existsSync(seen)) { writeFileSync(seen, ''); process.exit(5); } return { weights",
    );
    expect(poolRun(scratch, [...RUN_KIND, '--on-failure', 'retry:1', 'job.mjs'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/warning: worker \d ended with exit code 5/),
    });
    expect(reportOf(scratch).events).toMatchObject(ONCE);
  });

  it('cannot be functions', () => {
    using scratch = prepared('');
    edit(scratch, 'return { weights', 'return { f() {}, weights');
    expect(poolRun(scratch, [...RUN_KIND, 'job.mjs']).stderr).toMatch(/share\(\) must return plain data and typed arrays/);
  });
});
