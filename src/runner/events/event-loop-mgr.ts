/** The plain event loop: a sequence of algorithms over numbered events. It knows nothing of workers. */
import { setImmediate } from 'node:timers/promises';

/** Longest time without a look at timers, messages and signals, in milliseconds; events that are synchronous leave none. */
const TURN_MS = 50;

/** One step of the sequence; each function may be asynchronous. */
export interface Algorithm {
  initialize?(): void | Promise<void>;
  /** Returns false to end the event here: the algorithms after it do not see it. */
  execute(event: number): boolean | void | Promise<boolean | void>;
  finalize?(): void | Promise<void>;
}

/** What runs events: the plain loop, or one that wraps it. */
export interface EventLoop {
  /** Runs `maxEvents` events from the first on. */
  executeRun(maxEvents: number): Promise<void>;
}

/** Runs the algorithms one after the other for every event, in the order of the events. */
export class EventLoopMgr implements EventLoop {
  readonly #algorithms: Algorithm[];
  readonly #firstEvent: number;

  constructor(algorithms: readonly Algorithm[], firstEvent: number) {
    this.#algorithms = [...algorithms];
    this.#firstEvent = firstEvent;
  }

  /** Puts an algorithm ahead of the sequence. */
  prepend(algorithm: Algorithm): void {
    this.#algorithms.unshift(algorithm);
  }

  async executeRun(maxEvents: number): Promise<void> {
    for (const algorithm of this.#algorithms) await algorithm.initialize?.();
    let turn = performance.now();
    for (let event = this.#firstEvent; event < this.#firstEvent + maxEvents; event++) {
      await this.#nextEvent(event);
      if (performance.now() - turn < TURN_MS) continue;
      await setImmediate();
      turn = performance.now();
    }
    for (const algorithm of this.#algorithms) await algorithm.finalize?.();
  }

  async #nextEvent(event: number): Promise<void> {
    for (const algorithm of this.#algorithms) {
      // Most algorithms are synchronous: waiting for nothing would cost more than they do.
      const result = algorithm.execute(event);
      if ((result instanceof Promise ? await result : result) === false) return;
    }
  }
}
