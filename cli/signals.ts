/**
 * SIGINT, SIGTERM and SIGHUP end the work in order: it is told to stop and cleans up; a second SIGINT or SIGTERM ends the process
 * at once. A second SIGHUP does not: a terminal that is closed may send two, one by the system and one by the shell.
 */

import { isatty } from 'node:tty';

/** The signal that came, and what passes it on. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Name of the signal that arrived; undefined before. */
  name(): string | undefined;
}

/** Signals of which a second one means haste. */
const NAMES = ['SIGINT', 'SIGTERM'] as const;

/** Starts listening; the listeners do not keep the process alive. */
export function watchSignals(): Interruption {
  const controller = new AbortController();
  let received: string | undefined;
  const take = (name: string): void => {
    received ??= name;
    controller.abort(name);
  };
  for (const name of NAMES) process.once(name, take);
  const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  process.on('SIGHUP', (name) => {
    if (hasTerminal && received === undefined) process.once('exit', endByHangup);
    take(name);
  });
  return { signal: controller.signal, name: () => received };
}

/** Node aborts at its end when it cannot reset its terminal, which may be gone: the signal does it instead. Shells call both 129. */
function endByHangup(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
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
