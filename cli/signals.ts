/** SIGINT and SIGTERM end the work in order: it is told to stop and cleans up; a second one ends the process at once. */

/** The signal that came, and what passes it on. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Name of the signal that arrived; undefined before. */
  name(): string | undefined;
}

const NAMES = ['SIGINT', 'SIGTERM'] as const;

/** Starts listening; the listeners do not keep the process alive. */
export function watchSignals(): Interruption {
  const controller = new AbortController();
  let received: string | undefined;
  for (const name of NAMES) {
    process.once(name, () => {
      received ??= name;
      controller.abort(name);
    });
  }
  return { signal: controller.signal, name: () => received };
}

/**
 * Aborts when a second signal comes, which then ends nothing else; the third one ends the process at once. For work
 * that would leave processes behind.
 */
export function watchSecondSignal({ signal }: Interruption): AbortSignal {
  const controller = new AbortController();
  const first = (): void => {
    // After the listeners of the first one, which are still being called.
    for (const name of NAMES) setImmediate(() => process.once(name, () => controller.abort()));
  };
  signal.addEventListener('abort', first, { once: true });
  return controller.signal;
}
