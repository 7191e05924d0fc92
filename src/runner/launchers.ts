/** The launchers of the three kinds of jobs. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from './job.ts';
import type { Launcher, RunningWorker, WorkerEnd } from './launcher.ts';
import { packageFile } from './package-file.ts';
import { PythonLauncher } from './python-launcher.ts';
import { WORKER_LOG, commandOf, environmentOf, type WorkerShare } from './worker-share.ts';

/** The launcher of a job. */
export function launcherOf(job: Job, interpreter: string): Launcher {
  if (job.kind === 'python') return new PythonLauncher(job, interpreter);
  return { launch: (share) => launchProcess(job, share), close: () => Promise.resolve() };
}

function launchProcess(job: Exclude<Job, { kind: 'python' }>, share: WorkerShare): Promise<RunningWorker | WorkerEnd> {
  const log = openSync(join(share.directory, WORKER_LOG), 'a');
  try {
    const stdio: StdioOptions = ['ignore', log, log];
    const options = { cwd: share.directory, env: { ...process.env, ...environmentOf(share) }, detached: true };
    if (job.kind === 'module') {
      // The channel is how the worker learns that nobody waits for it any more.
      const env = { ...options.env, POOL_MODULE: job.path };
      return running(spawn(process.execPath, [packageFile('dist/src/runner/module-worker.js')], { ...options, env, stdio: [...stdio, 'ipc'] }));
    }
    const [program, ...args] = commandOf(job.argv, share);
    return running(spawn(program as string, args, { ...options, stdio }));
  } finally {
    closeSync(log);
  }
}

/** A child as a worker; one that could not be started is one that ended. */
function running(child: ChildProcess): Promise<RunningWorker | WorkerEnd> {
  const ended = new Promise<WorkerEnd>((resolve) => {
    child.once('error', (err) => resolve({ problem: `cannot be started: ${err.message}` }));
    child.once('exit', (exitCode, signal) => resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined }));
  });
  return child.pid === undefined ? ended : Promise.resolve({ pid: child.pid, ended });
}
