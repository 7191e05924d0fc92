/** A job without workers: it runs here, in the current directory, as if there were no runner. */
import { spawn } from 'node:child_process';
import { AbortedError, WorkerError } from '../errors.ts';
import type { EventLoop } from './event-loop-mgr.ts';
import { EventLoopMgr } from './event-loop-mgr.ts';
import type { Job, ModuleJob } from './job.ts';
import { IoComponentMgr } from '../io/component/io-component-mgr.ts';
import { jobAlgorithm, loadJob, sharedWithoutWorkers } from './module-job.ts';
import { pythonArguments } from './python-launcher.ts';
import { commandOf, environmentOf, type WorkerShare } from './worker-share.ts';

/** The loop of this process over the events of the job. */
export async function serialLoop(job: Job, share: WorkerShare, interpreter: string, signal: AbortSignal | undefined): Promise<EventLoop> {
  if (job.kind === 'module') return moduleLoop(job, share);
  const argv = job.kind === 'python' ? [interpreter, ...pythonArguments(job, 'serial')] : commandOf(job.argv, share);
  return { executeRun: () => runProcess(argv, share, signal) };
}

async function moduleLoop(job: ModuleJob, share: WorkerShare): Promise<EventLoop> {
  const { worker, workerCount, seed, firstEvent, directory, submitDirectory } = share;
  const definition = await loadJob(job.path);
  const shared = await sharedWithoutWorkers(definition, { workerCount, seed, submitDirectory });
  return new EventLoopMgr([jobAlgorithm(definition, { worker, workerCount, seed, directory, submitDirectory, io: new IoComponentMgr(), shared })], firstEvent);
}

/** Runs a program with this process's own streams; its process group is this one, so that Ctrl-C reaches it. */
function runProcess([program, ...args]: readonly string[], share: WorkerShare, signal: AbortSignal | undefined): Promise<void> {
  const { POOL_EVENT_LOG: _none, ...environment } = environmentOf(share);
  return new Promise((resolve, reject) => {
    const child = spawn(program as string, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
    signal?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.once('error', (cause) => reject(new WorkerError(`cannot be started: ${cause.message}`, { worker: 0 }, { cause })));
    child.once('exit', (exitCode, name) => {
      if (signal?.aborted === true) reject(new AbortedError(signal.reason));
      else if (exitCode === 0) resolve();
      else reject(new WorkerError(name === null ? `ended with exit code ${exitCode}` : `was ended by ${name}`, { worker: 0, exitCode: exitCode ?? undefined, signal: name ?? undefined }));
    });
  });
}
