/** Module jobs with files in context.io and data made once, over processes and threads: what is merged equals a serial run. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readHistogram } from '../../src/io/root/histogram/read-histogram.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';
import { componentJob, poolRun, reportOf } from '../run-tool.ts';
import { Scratch, fixture } from '../scratch.ts';
import { treeContents } from '../unit/tree/tree-contents.ts';

const EVENTS = 60;
/** Filled in initialize. */
const PREFORK = [-2, -1];

/** Event and seed of each entry of the tree, in the order of the events. */
function entriesOf(path: string): [event: number, seed: number][] {
  const { branches } = treeContents(path, 'events');
  const column = (name: string): number[] => {
    const bytes = Buffer.from(branches[name]?.data ?? '', 'hex');
    return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32BE(4 * i));
  };
  const seeds = column('seed');
  return column('event')
    .map((event, i): [number, number] => [event, seeds[i] ?? NaN])
    .sort((a, b) => a[0] - b[0]);
}

function histogramOf(path: string): object {
  using file = openRootFile(path);
  return readHistogram(file, '/h').object;
}

/** Runs the job; expects success without a warning. */
function run(scratch: Scratch, ...flags: string[]): void {
  const { code, stderr } = poolRun(scratch, ['--events', String(EVENTS), ...flags, 'job.mjs']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

const ALL = Array.from({ length: EVENTS }, (_, event) => event);

describe.each(['process', 'thread'])('workers that are a %s each', (kind) => {
  it.each(['round-robin', 'queue'])('give what a serial run gives, scheduled by %s', (schedule) => {
    using scratch = new Scratch();
    scratch.copy('hists_0.root', 'in.root');
    componentJob(scratch);
    run(scratch, '-n', '0');
    run(scratch, '-n', '3', '--worker-kind', kind, '--schedule', schedule, '-o', 'out/', '--keep-logs');
    expect(entriesOf(scratch.path('events.root')).map(([event]) => event)).toEqual([...PREFORK, ...ALL]);
    const merged = entriesOf(scratch.path('out', 'events.root'));
    expect(merged.map(([event]) => event)).toEqual([...PREFORK, ...ALL]);
    if (schedule === 'round-robin') expect(merged.slice(2).map(([, seed]) => seed)).toEqual(ALL.map((event) => 1 + (event % 3)));
    expect(histogramOf(scratch.path('out', 'hist.root'))).toEqual(histogramOf(scratch.path('hist.root')));
    const log = readFileSync(scratch.path('pool_workers', 'job.log'), 'utf8');
    expect(log.match(/shared data for 3 workers, seed 1/g)).toHaveLength(1);
    expect(log.match(/SharedArrayBuffer/g)).toHaveLength(3);
    expect(
      scratch.list('pool_workers').filter((name) => !/^(AthenaMPOutputs|job\.json|job\.log|report\.json|threads\.log|queue)$/.test(name)),
    ).toEqual([]);
  });

  it('have what initialize filled once each with --keep-prefork all', () => {
    using scratch = new Scratch();
    scratch.copy('hists_0.root', 'in.root');
    componentJob(scratch);
    run(scratch, '-n', '3', '--worker-kind', kind, '--keep-prefork', 'all', '-o', 'out/');
    expect(entriesOf(scratch.path('out', 'events.root')).map(([event]) => event)).toEqual([-2, -2, -2, -1, -1, -1, ...ALL]);
  });

  it('leave nothing but their outputs in their directories', () => {
    using scratch = new Scratch();
    scratch.copy('hists_0.root', 'in.root');
    componentJob(scratch);
    run(scratch, '-n', '2', '--worker-kind', kind, '--no-merge');
    expect(scratch.list('pool_workers/worker_1')).toEqual(['events.root', 'hist.root', 'pool-run.events', 'pool-run.log']);
    expect(existsSync(scratch.path('hist.root'))).toBe(false);
    expect(reportOf(scratch).events).toMatchObject({ expected: EVENTS, counted: EVENTS, missingCount: 0, repeatedCount: 0 });
  });
});

describe('a job of threads', () => {
  it('writes its other files where its context says', () => {
    using scratch = new Scratch();
    const source = fixture('worker_0.root').replace('worker_0', 'worker_${worker % 3}');
    scratch.put(
      'job.mjs',
      `import { copyFileSync } from 'node:fs';\nexport default { execute() {}, finalize({ worker, directory, submitDirectory }) { console.log(submitDirectory === process.cwd()); copyFileSync(\`${source}\`, directory + '/hist.root'); } };\n`,
    );
    run(scratch, '-n', '3', '--worker-kind', 'thread', '-o', 'm.root', '--keep-logs');
    expect(readFileSync(scratch.path('pool_workers', 'job.log'), 'utf8')).toBe(
      '=== worker 0\ntrue\n=== worker 1\ntrue\n=== worker 2\ntrue\n',
    );
  });

  it('is refused where it has no meaning', () => {
    using scratch = new Scratch();
    const refused = (...args: string[]) => poolRun(scratch, ['-n', '2', '-o', 'm.root', '--events', '4', ...args]);
    expect(refused('--worker-kind', 'thread', '--', 'true')).toMatchObject({ code: 2, stderr: expect.stringContaining('module jobs') });
    expect(refused('--keep-prefork', 'all', '--', 'true')).toMatchObject({ code: 2, stderr: expect.stringContaining('not for commands') });
    expect(refused('--worker-kind', 'thread', '--memory', 'job.mjs')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('in common'),
    });
    expect(refused('--worker-kind', 'fibre', 'job.mjs')).toMatchObject({ code: 2, stderr: expect.stringContaining('process or thread') });
    expect(refused('--keep-prefork', 'none', 'job.mjs')).toMatchObject({ code: 2, stderr: expect.stringContaining('first') });
  });
});

describe('a serial run of a module', () => {
  it.skipIf('typescript' in process.features && process.features.typescript !== false)(
    'is told when it is TypeScript and Node cannot run that',
    () => {
      using scratch = new Scratch();
      scratch.put('job.mts', 'export default { execute(event: number): void {} };');
      for (const workers of ['0', '2']) {
        expect(poolRun(scratch, ['-n', workers, '--events', '4', '--no-merge', 'job.mts']).stderr).toContain(
          'does not run TypeScript by itself',
        );
      }
    },
  );

  it('names what the job throws as its failure', () => {
    using scratch = new Scratch();
    const run = (text: string) => {
      scratch.put('job.mjs', text);
      return poolRun(scratch, ['-n', '0', '--events', '3', 'job.mjs']);
    };
    expect(run("export default { execute(event) { if (event === 2) throw new Error('bad event'); } };")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: worker 0 failed: Error: bad event\n[^]*job\.mjs/),
    });
    expect(run('export default { share: () => () => 1, execute() {} };')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('share() must return plain data'),
    });
    expect(run('export defalt {}')).toMatchObject({ code: 1, stderr: expect.stringMatching(/worker 0 failed: [^]*SyntaxError/) });
  });
});
