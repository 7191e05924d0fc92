/**
 * How the data of `share` are made once: the first worker that asks makes them, the others wait for what it made. When
 * the maker ends before that, the next one makes them.
 *
 *   worker → { share: 'ask' }                   → { share: 'make' }, or { share: 'take', value }
 *   worker → { share: 'made', value }
 *
 * The value is the path of a file for processes (shared-data.ts), and packed data for threads.
 */

/** What a worker says. */
export type ShareRequest<T> = { share: 'ask' } | { share: 'made'; value: T };
/** What a worker is told. */
export type ShareAnswer<T> = { share: 'make' } | { share: 'take'; value: T };

/** Keeps what was made. */
export class SharedExchange<T> {
  #made: { value: T } | undefined;
  #maker: number | undefined;
  /** Workers that wait, and how to answer them. */
  readonly #waiting: Map<number, (answer: ShareAnswer<T>) => void> = new Map();

  /** Takes a message of a worker; `answer` sends to that worker. */
  take(worker: number, request: ShareRequest<T>, answer: (answer: ShareAnswer<T>) => void): void {
    if (request.share === 'made') this.#made ??= { value: request.value };
    else this.#waiting.set(worker, answer);
    this.#serve();
  }

  /** A worker has ended. */
  gone(worker: number): void {
    this.#waiting.delete(worker);
    if (this.#maker === worker) this.#maker = undefined;
    this.#serve();
  }

  #serve(): void {
    for (const [worker, answer] of this.#waiting) {
      if (this.#made === undefined && this.#maker !== undefined) return;
      this.#waiting.delete(worker);
      if (this.#made !== undefined) answer({ share: 'take', value: this.#made.value });
      else {
        this.#maker = worker;
        answer({ share: 'make' });
      }
    }
  }
}

/** True for a message about shared data. */
export function isShareRequest(message: unknown): message is ShareRequest<never> {
  return typeof message === 'object' && message !== null && 'share' in message;
}
