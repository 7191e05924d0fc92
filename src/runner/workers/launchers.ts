/** The launchers of all kinds of jobs. */
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandJob, Job } from '../job.ts';
import { childWorker, type Launcher, type RunningWorker, type WorkerEnd } from './launcher.ts';
import { ModuleLauncher } from './module-launcher.ts';
import { PythonLauncher } from './python-launcher.ts';
import { ThreadLauncher } from './thread-launcher.ts';
import { EVENT_LOG, WORKER_LOG, commandOf, workerEnvironment, type WorkerShare } from './worker-share.ts';

/** The launcher of a job. */
export function launcherOf(job: Job, interpreter: string): Launcher {
  if (job.kind === 'command') return { launch: (share) => launchCommand(job, share), close: () => Promise.resolve() };
  if (job.kind === 'python') return counting(new PythonLauncher(job, interpreter));
  return counting(job.workerKind === 'thread' ? new ThreadLauncher(job) : new ModuleLauncher(job));
}

/**
 * The event log of its workers is there from the start: one that ends before its first event has done none, and is not
 * taken for one that counts none.
 */
function counting(launcher: Launcher): Launcher {
  const launch = (share: WorkerShare): Promise<RunningWorker | WorkerEnd> => {
    appendFileSync(join(share.directory, EVENT_LOG), '');
    return launcher.launch(share);
  };
  return { launch, close: () => launcher.close() };
}

function launchCommand(job: CommandJob, share: WorkerShare): Promise<RunningWorker | WorkerEnd> {
  const log = openSync(join(share.directory, WORKER_LOG), 'a');
  try {
    const [program, ...args] = commandOf(job.argv, share);
    return childWorker(
      spawn(program as string, args, { cwd: share.directory, env: workerEnvironment(share), detached: true, stdio: ['ignore', log, log] }),
    );
  } finally {
    closeSync(log);
  }
}
