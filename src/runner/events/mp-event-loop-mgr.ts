/** The parallel event loop: an event loop that wraps another one, which needs no change. */
import type { EventLoop } from './event-loop-mgr.ts';

/** With no workers it is the wrapped loop; otherwise `bootstrap` hands the events to workers that run that loop each. */
export class MpEventLoopMgr implements EventLoop {
  readonly #workerCount: number;
  readonly #wrapped: () => Promise<EventLoop>;
  readonly #runWorkers: (maxEvents: number) => Promise<void>;

  /**
   * @param wrapped makes the loop for this process; not called when there are workers
   * @param runWorkers starts the workers and resolves when all have ended
   */
  constructor(workerCount: number, wrapped: () => Promise<EventLoop>, runWorkers: (maxEvents: number) => Promise<void>) {
    this.#workerCount = workerCount;
    this.#wrapped = wrapped;
    this.#runWorkers = runWorkers;
  }

  async executeRun(maxEvents: number): Promise<void> {
    if (this.#workerCount > 0) return this.#runWorkers(maxEvents);
    const loop = await this.#wrapped();
    return loop.executeRun(maxEvents);
  }
}
