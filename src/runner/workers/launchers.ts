/** The launchers of all kinds of jobs. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandJob, Job } from '../job.ts';
import { childWorker, type Launcher, type RunningWorker, type WorkerEnd } from './launcher.ts';
import { ModuleLauncher } from './module-launcher.ts';
import { PythonLauncher } from './python-launcher.ts';
import { ThreadLauncher } from './thread-launcher.ts';
import { WORKER_LOG, commandOf, environmentOf, type WorkerShare } from './worker-share.ts';

/** The launcher of a job. */
export function launcherOf(job: Job, interpreter: string): Launcher {
  if (job.kind === 'python') return new PythonLauncher(job, interpreter);
  if (job.kind === 'module') return job.workerKind === 'thread' ? new ThreadLauncher(job) : new ModuleLauncher(job);
  return { launch: (share) => launchCommand(job, share), close: () => Promise.resolve() };
}

function launchCommand(job: CommandJob, share: WorkerShare): Promise<RunningWorker | WorkerEnd> {
  const log = openSync(join(share.directory, WORKER_LOG), 'a');
  try {
    const [program, ...args] = commandOf(job.argv, share);
    return childWorker(spawn(program as string, args, { cwd: share.directory, env: { ...process.env, ...environmentOf(share) }, detached: true, stdio: ['ignore', log, log] }));
  } finally {
    closeSync(log);
  }
}
