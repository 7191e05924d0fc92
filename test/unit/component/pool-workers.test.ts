/** POOL files that go on in directories of workers: tokens lead to the rows they were given for, also after moving and merging. */
import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import type { PoolOptions } from '../../../src/io/component/pool-component.ts';
import { PoolReader } from '../../../src/io/pool/pool-reader.ts';
import { checkReferences } from '../../../src/list/check-references.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch } from '../../scratch.ts';
import { Job, eventsOf, expectEvents, info, upTo } from './pool-job.ts';

const WORKERS = 3;
const PREFORK = 10;
const EVENTS = 60;

/** Runs the job by workers, each a copy of the state before the workers parted; their files. */
function runWorkers(scratch: Scratch, keepPrefork: 'first' | 'all', options: PoolOptions = {}): { files: string[]; jobs: Job[] } {
  const here = process.cwd();
  process.chdir(scratch.folder);
  try {
    const jobs = upTo(WORKERS).map((worker) => {
      const job = new Job('w.root', { fidSeed: 'job', ...options }); // as forked processes are, all are the same before they part
      for (const event of upTo(PREFORK)) job.event(event);
      mkdirSync(`worker_${worker}`);
      const before = job.pool.fid;
      job.manager.updateAll(`worker_${worker}`);
      job.manager.reinitialize({ workerId: worker, keepPrefork });
      expect(job.pool.fid).not.toBe(before);
      const isKept = worker === 0 || keepPrefork === 'all';
      if (isKept) job.expectTokens();
      else expect(() => job.expectTokens()).toThrow(UsageError);
      if (!isKept) job.tokens.clear();
      for (let event = PREFORK; event < EVENTS; event++) if (event % WORKERS === worker) job.event(event);
      job.expectTokens();
      job.manager.finalize();
      job.expectTokens();
      job.pool.close();
      return job;
    });
    expect(scratch.list().filter((name) => name.endsWith('.tmp'))).toEqual([]);
    return { jobs, files: upTo(WORKERS).map((worker) => scratch.path(`worker_${worker}`, 'w.root')) };
  } finally {
    process.chdir(here);
  }
}

describe('workers', () => {
  it.each([0, 505])('have files of their own; merged, each event is there once with its rows (compression %s)', async (compression) => {
    using scratch = new Scratch();
    const { files, jobs } = runWorkers(scratch, 'first', { compression, tree: { basketBytes: 300, autoFlush: 7 } });
    expect(new Set(jobs.map(({ pool }) => pool.fid)).size).toBe(WORKERS);
    for (const file of files) expect(await checkReferences([file])).toMatchObject({ foreign: 0, dangling: 0 });
    await merge(files, { output: scratch.path('merged.root') });
    expectEvents(eventsOf(scratch.path('merged.root')), upTo(EVENTS));
    const separate = await Promise.all(files.map((file) => checkReferences([file])));
    expect(await checkReferences([scratch.path('merged.root')])).toMatchObject({
      resolved: separate.reduce((sum, { resolved }) => sum + resolved, 0),
      foreign: 0,
      dangling: 0,
    });
  });

  it('that keep all of what was before repeat it, with references of their own', async () => {
    using scratch = new Scratch();
    const { files, jobs } = runWorkers(scratch, 'all');
    expect(new Set(jobs.map(({ pool }) => pool.fid)).size).toBe(WORKERS);
    for (const file of files) {
      expect(await checkReferences([file])).toMatchObject({ foreign: 0, dangling: 0 });
      expect(eventsOf(file).size).toBeGreaterThan(PREFORK);
    }
    await merge(files, { output: scratch.path('merged.root') });
    expect(await checkReferences([scratch.path('merged.root')])).toMatchObject({ foreign: 0, dangling: 0 });
    using reader = new PoolReader([scratch.path('merged.root')]);
    expect([...reader.events()]).toHaveLength(EVENTS + (WORKERS - 1) * PREFORK);
  });

  it('carry over an event that was begun, with what was kept only', () => {
    using scratch = new Scratch();
    for (const worker of [0, 1]) {
      const job = new Job(scratch.path(`w${worker}.root`));
      job.event(0);
      job.pool.write('EventInfo', info(1));
      job.manager.update(job.pool, scratch.path(`w${worker}.root`), scratch.path(`moved${worker}.root`));
      job.manager.reinitialize({ workerId: worker });
      if (worker === 0) job.pool.commitEvent(7, 1, { attributes: { weight: 0 } });
      job.manager.finalize();
      expect([...eventsOf(scratch.path(`moved${worker}.root`)).keys()]).toEqual(worker === 0 ? [0, 1] : []);
    }
  });

  it('reopen their inputs', () => {
    using scratch = new Scratch();
    const parent = new Job(scratch.path('parent.root'));
    parent.event(1);
    parent.manager.finalize();
    const job = new Job(scratch.path('p.root'), { inputs: [scratch.path('parent.root')] });
    const before = job.pool.reader;
    const token = parent.tokens.get(1)?.info.text ?? '';
    expect(job.pool.read(token)).toEqual(info(1));
    job.manager.reinitialize();
    expect(job.pool.reader).not.toBe(before);
    expect(job.pool.read(token)).toEqual(info(1));
    job.pool.abandon();
  });
});
