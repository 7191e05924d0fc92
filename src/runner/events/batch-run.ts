/** The batch of one worker: a filter ahead of the sequence lets its events through (round robin here; event-queue.ts has the other). */
import type { Algorithm, EventLoopMgr } from './event-loop-mgr.ts';

/** Accepts the events worker + k * workerCount, counted from the first event of the job. */
export class RoundRobinFilter implements Algorithm {
  readonly #firstEvent: number;
  readonly #workerCount: number;

  /** `firstEvent` is the first event of this worker. */
  constructor(firstEvent: number, workerCount: number) {
    this.#firstEvent = firstEvent;
    this.#workerCount = workerCount;
  }

  execute(event: number): boolean {
    return event >= this.#firstEvent && (event - this.#firstEvent) % this.#workerCount === 0;
  }
}

/** Runs all events of the job in a worker; the loop itself is the same as in a serial run. */
export async function batchRun(loop: EventLoopMgr, filter: Algorithm, maxEvents: number): Promise<void> {
  loop.prepend(filter);
  await loop.executeRun(maxEvents);
}
