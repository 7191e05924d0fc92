/** SIGINT and SIGTERM end a merge in order: it is told to stop and cleans up; a second one ends the process at once. */

/** The signal that came, and what passes it on. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Name of the signal that arrived; undefined before. */
  name(): string | undefined;
}

/** Starts listening; the listeners do not keep the process alive. */
export function watchSignals(): Interruption {
  const controller = new AbortController();
  let received: string | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      received ??= name;
      controller.abort(name);
    });
  }
  return { signal: controller.signal, name: () => received };
}
