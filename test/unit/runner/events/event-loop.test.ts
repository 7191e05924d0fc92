/** The event loops: plain, filtered, wrapped. */
import { describe, expect, it } from 'vitest';
import { RoundRobinFilter, batchRun } from '../../../../src/runner/events/batch-run.ts';
import { EventLoopMgr, type Algorithm } from '../../../../src/runner/events/event-loop-mgr.ts';
import { QueueFilter, prepareQueue, queueOf } from '../../../../src/runner/events/event-queue.ts';
import { outputsXml } from '../../../../src/runner/job-report.ts';
import { MpEventLoopMgr } from '../../../../src/runner/events/mp-event-loop-mgr.ts';
import { Scratch } from '../../../scratch.ts';

/** An algorithm that notes what is called, under its name. */
function noting(name: string, notes: string[], accept?: (event: number) => boolean): Algorithm {
  return {
    initialize: () => void notes.push(`${name} initialize`),
    execute: (event) => {
      notes.push(`${name} ${event}`);
      return accept?.(event);
    },
    finalize: async () => void notes.push(`${name} finalize`),
  };
}

describe('an event loop', () => {
  it('runs its algorithms in order, and those after a refusal not at all', async () => {
    const notes: string[] = [];
    await new EventLoopMgr([noting('a', notes, (event) => event !== 4), noting('b', notes)], 3).executeRun(3);
    expect(notes).toEqual(['a initialize', 'b initialize', 'a 3', 'b 3', 'a 4', 'a 5', 'b 5', 'a finalize', 'b finalize']);
  });

  it('waits for algorithms that take their time', async () => {
    const seen: number[] = [];
    const slow: Algorithm = {
      execute: async (event) => void (await new Promise((resolve) => setTimeout(resolve, 5 - event)), seen.push(event)),
    };
    await new EventLoopMgr([slow], 0).executeRun(4);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('is shared by workers through a filter ahead of it', async () => {
    const batches = await Promise.all(
      [0, 1, 2].map(async (worker) => {
        const notes: string[] = [];
        await batchRun(new EventLoopMgr([noting('x', notes)], 10), new RoundRobinFilter(10 + worker, 3), 7);
        return notes.slice(1, -1);
      }),
    );
    expect(batches).toEqual([
      ['x 10', 'x 13', 'x 16'],
      ['x 11', 'x 14'],
      ['x 12', 'x 15'],
    ]);
  });

  it('is shared through a queue: each event once, and what a dead worker claimed is free again', async () => {
    using scratch = new Scratch();
    const queue = queueOf(scratch.folder, 2, 10, 300);
    expect(queue.chunkEvents).toBe(3);
    const run = async (worker: number, maxEvents: number) => {
      const seen: number[] = [];
      const algorithm: Algorithm = {
        execute: async (event) => void (await new Promise((resolve) => setImmediate(resolve)), seen.push(event)),
      };
      await batchRun(new EventLoopMgr([algorithm], 10), new QueueFilter(queue, worker), maxEvents);
      return seen;
    };
    const all = Array.from({ length: 300 }, (_, i) => 10 + i);
    for (const worker of [0, 1]) prepareQueue(queue, worker);
    const [dead, other] = await Promise.all([run(0, 100), run(1, 300)]);
    expect([...dead, ...other].sort((a, b) => a - b)).toEqual(all);
    expect(Math.min(dead.length, other.length)).toBeGreaterThan(10);
    prepareQueue(queue, 0);
    expect([...(await run(0, 300)), ...other].sort((a, b) => a - b)).toEqual(all);
  });

  it('that is wrapped runs here without workers, and not at all with them', async () => {
    const calls: string[] = [];
    const wrapped = () => Promise.resolve({ executeRun: async (events: number) => void calls.push(`here ${events}`) });
    const run = async (workers: number) =>
      new MpEventLoopMgr(workers, wrapped, async (events) => void calls.push(`workers ${events}`)).executeRun(5);
    await run(0);
    await run(-1);
    await run(2);
    expect(calls).toEqual(['here 5', 'here 5', 'workers 5']);
  });
});

describe('the report for scripts', () => {
  it('names every file of every worker', () => {
    expect(outputsXml([{ name: 'a&b.root', files: ['/w/worker_0/a&b.root'] }])).toBe(
      '<?xml version="1.0" encoding="utf-8"?>\n<athenaFileReport>\n  <Files OriginalName="a&amp;b.root">\n    <File description="" mode="WRITE|CREATE" name="/w/worker_0/a&amp;b.root" shared="False" technology="ROOT"/>\n  </Files>\n</athenaFileReport>\n',
    );
  });
});
