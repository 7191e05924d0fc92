/**
 * Progress, and the chance for others to run: work is synchronous inside a window, so long loops
 * call `step` now and then, which reports, yields to the event loop, and stops on the caller's signal.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AbortedError } from '../errors.ts';

/** What a caller is told while a merge runs. */
export interface ProgressEvent {
  step: 'open' | 'plan' | 'execute' | 'verify' | 'commit';
  /** Units done and in all: files for `open`, bytes of input for `execute`. */
  done: number;
  total: number;
}

/** Called from time to time while a merge runs. */
export type ProgressListener = (event: ProgressEvent) => void;

/** Milliseconds between two turns of the event loop. */
const TURN_MS = 40;

/** Counts work done and yields to the event loop from time to time. */
export class Progress {
  readonly #listener: ProgressListener | undefined;
  readonly #signal: AbortSignal | undefined;
  #event: ProgressEvent = { step: 'open', done: 0, total: 0 };
  #lastTurn = performance.now();

  constructor(listener?: ProgressListener, signal?: AbortSignal) {
    this.#listener = listener;
    this.#signal = signal;
  }

  /** Starts the next step. */
  begin(step: ProgressEvent['step'], total: number): void {
    this.#event = { step, done: 0, total };
    this.#report();
  }

  /** Counts `units` as done without yielding; for tight loops. */
  add(units: number): void {
    this.#event.done += units;
  }

  /** Counts `units` as done; yields when it is time. Throws AbortedError after the signal fired. */
  async step(units = 0): Promise<void> {
    this.#event.done += units;
    const now = performance.now();
    if (now - this.#lastTurn < TURN_MS) return;
    this.#report();
    await nextTurn();
    this.#lastTurn = performance.now();
    this.throwIfAborted();
  }

  /** Throws AbortedError when the caller's signal has fired. */
  throwIfAborted(): void {
    if (this.#signal?.aborted === true) throw new AbortedError(this.#signal.reason);
  }

  #report(): void {
    this.#listener?.({ ...this.#event });
  }
}
