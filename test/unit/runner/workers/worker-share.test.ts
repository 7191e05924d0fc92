/** Which events are whose, and what a command is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandOf, environmentOf, fillTemplates, shareOf, type WorkerShare } from '../../../../src/runner/workers/worker-share.ts';
import { workerCountOf } from '../../../../src/runner/job.ts';
import { Scratch } from '../../../scratch.ts';

const request = { workerCount: 3, events: 10, firstEvent: 100, seed: 7, directory: '/job/worker_1', submitDirectory: '/start' };

/** What docs/pool-run.md says of the environment: from the first event on, a stride from one to the next. */
function eventsOf({ eventCount = 0, firstEvent, stride }: WorkerShare): number[] {
  return Array.from({ length: eventCount }, (_, i) => firstEvent + i * stride);
}

describe('the share of a worker', () => {
  it('is every third event for one of three', () => {
    expect(eventsOf(shareOf(1, request))).toEqual([101, 104, 107]);
    expect(eventsOf(shareOf(0, request))).toEqual([100, 103, 106, 109]);
  });

  it('makes with the others every event exactly once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 1e6 }),
        (workers, events, firstEvent) => {
          const workerCount = workerCountOf({ workers, events });
          const all = Array.from({ length: workerCount }, (_, worker) =>
            eventsOf(shareOf(worker, { ...request, workerCount, events, firstEvent })),
          );
          expect(all.every((own) => own.length > 0)).toBe(true);
          expect(all.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: events }, (_, i) => firstEvent + i));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('stands in the environment', () => {
    expect(environmentOf(shareOf(1, request))).toEqual({
      POOL_WORKER: '1',
      POOL_NWORKERS: '3',
      POOL_SEED: '8',
      POOL_FIRST_EVENT: '101',
      POOL_EVENT_STRIDE: '3',
      POOL_MAX_EVENTS: '3',
      POOL_WORKER_DIR: '/job/worker_1',
      POOL_SUBMIT_DIR: '/start',
      POOL_EVENT_LOG: '/job/worker_1/pool-run.events',
    });
    expect(environmentOf(shareOf(1, { ...request, events: undefined })).POOL_MAX_EVENTS).toBe('-1');
  });
});

describe('the command of a worker', () => {
  it('has its templates filled in, and other braces left', () => {
    const text = '{worker} {nworkers} {seed} {first} {stride} {events} {dir} {submit} {x} {toString} {}';
    expect(fillTemplates(text, shareOf(1, request))).toBe('1 3 8 101 3 3 /job/worker_1 /start {x} {toString} {}');
  });

  it('finds program and script where the job was started', () => {
    using scratch = new Scratch();
    scratch.put('job.py', '');
    scratch.put('out.root', '');
    const share = shareOf(1, { ...request, submitDirectory: scratch.folder });
    expect(commandOf(['./gen', 'out.root'], share)).toEqual([scratch.path('gen'), 'out.root']);
    expect(commandOf(['python3', '-u', 'job.py', 'out.root'], share)).toEqual(['python3', '-u', scratch.path('job.py'), 'out.root']);
    expect(commandOf(['/bin/bash', '-c', 'job'], share)).toEqual(['/bin/bash', '-c', 'job']);
    expect(() => commandOf([], share)).toThrow(/no command/);
  });
});
