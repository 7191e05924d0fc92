/** A job without workers: it runs here, in the current directory, as if there were no runner. */
import { spawn } from 'node:child_process';
import { devNull } from 'node:os';
import { inspect } from 'node:util';
import { AbortedError, PoolMergeError, WorkerError } from '../errors.ts';
import { EventLoopMgr, type Algorithm, type EventLoop } from './events/event-loop-mgr.ts';
import type { Job, ModuleJob } from './job.ts';
import { IoComponentMgr } from '../io/component/io-component-mgr.ts';
import { jobAlgorithm, loadJob, sharedWithoutWorkers } from './module-job.ts';
import { pythonArguments } from './workers/python-launcher.ts';
import { commandOf, workerEnvironment, type WorkerShare } from './workers/worker-share.ts';

/** The loop of this process over the events of the job. */
export async function serialLoop(job: Job, share: WorkerShare, interpreter: string, signal: AbortSignal | undefined): Promise<EventLoop> {
  if (job.kind === 'module') return moduleLoop(job, share, signal);
  const argv = job.kind === 'python' ? [interpreter, ...pythonArguments(job, 'serial')] : commandOf(job.argv, share);
  return { executeRun: () => runProcess(argv, share, signal) };
}

function moduleLoop(job: ModuleJob, share: WorkerShare, signal: AbortSignal | undefined): EventLoop {
  const { worker, workerCount, seed, firstEvent, directory, submitDirectory } = share;
  const executeRun = async (maxEvents: number): Promise<void> => {
    const definition = await loadJob(job.path);
    const shared = await sharedWithoutWorkers(definition, { workerCount, seed, submitDirectory });
    const context = { worker, workerCount, seed, directory, submitDirectory, io: new IoComponentMgr(), shared };
    await new EventLoopMgr([new Interruption(signal), jobAlgorithm(definition, context)], firstEvent).executeRun(maxEvents);
  };
  return { executeRun: (maxEvents) => executeRun(maxEvents).catch(throwAsFailure) };
}

/** Ends the run before the next event once the caller's signal came. */
class Interruption implements Algorithm {
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  execute(): void {
    if (this.#signal?.aborted === true) throw new AbortedError(this.#signal.reason);
  }
}

/** What a job throws is its own failure, as in a worker. */
function throwAsFailure(err: unknown): never {
  if (err instanceof PoolMergeError) throw err;
  throw new WorkerError(`failed: ${inspect(err)}`, { worker: 0 }, { cause: err });
}

/** Runs a program with this process's own streams; its process group is this one, so that Ctrl-C reaches it. */
function runProcess([program, ...args]: readonly string[], share: WorkerShare, signal: AbortSignal | undefined): Promise<void> {
  // Nobody counts the events of a serial run, but a job that notes them must not fail there.
  const env = { ...workerEnvironment(share), POOL_EVENT_LOG: devNull };
  return new Promise((resolve, reject) => {
    const child = spawn(program as string, args, { stdio: 'inherit', env });
    signal?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.once('error', (cause) => reject(new WorkerError(`cannot be started: ${cause.message}`, { worker: 0 }, { cause })));
    child.once('exit', (exitCode, name) => {
      if (signal?.aborted === true) reject(new AbortedError(signal.reason));
      else if (exitCode === 0) resolve();
      else {
        reject(
          new WorkerError(name === null ? `ended with exit code ${exitCode}` : `was ended by ${name}`, {
            worker: 0,
            exitCode: exitCode ?? undefined,
            signal: name ?? undefined,
          }),
        );
      }
    });
  });
}
