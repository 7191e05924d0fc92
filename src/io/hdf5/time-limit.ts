/**
 * A limit for calls of the HDF5 library: damage can lead it into loops without end, and then nothing else in the process runs, signals
 * included. Only a script of node:vm can be stopped from outside.
 */
import { createContext, Script } from 'node:vm';

/** Time that a call may take which moves few bytes. */
export const CALL_LIMIT_MS = 60_000;
/** A call that was at work for less of its time than this has waited: for a disk, for a processor, or because the process was stopped. */
const LEAST_BUSY_SHARE = 0.1;

/** A call that took too long was stopped: what it worked on is in no state to be used any more. */
export class TimeLimitError extends Error {
  /** EDEADLK when it was at work all the time; ETIMEDOUT when it has waited. */
  readonly code: 'EDEADLK' | 'ETIMEDOUT';

  constructor(limitMs: number, wasBusy: boolean) {
    super(`no end within ${limitMs / 1000} s`);
    this.name = 'TimeLimitError';
    this.code = wasBusy ? 'EDEADLK' : 'ETIMEDOUT';
  }
}

/** The world of the script: what it is to call. */
const world: { run: () => void } = { run: () => undefined };
let script: Script | undefined;
let isRunning = false;

/** Runs something that must come to an end; a call inside of another has the limit of the outer one. @throws TimeLimitError */
export function withTimeLimit<T>(run: () => T, limitMs: number = CALL_LIMIT_MS): T {
  if (isRunning) return run();
  if (script === undefined) {
    createContext(world);
    script = new Script('run()');
  }
  const results: T[] = [];
  const start = process.cpuUsage();
  world.run = () => void results.push(run());
  isRunning = true;
  try {
    script.runInContext(world, { timeout: limitMs });
    return results[0] as T;
  } catch (err) {
    if (!isTimeout(err)) throw err;
    const { user, system } = process.cpuUsage(start);
    throw new TimeLimitError(limitMs, (user + system) / 1000 >= limitMs * LEAST_BUSY_SHARE);
  } finally {
    isRunning = false;
    world.run = () => undefined;
  }
}

function isTimeout(err: unknown): boolean {
  return typeof err === 'object' && err !== null && 'code' in err && err.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
