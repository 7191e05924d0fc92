/** Module jobs in processes: one of Node per worker, which runs module-worker.ts in its directory. */
import { spawn, type StdioOptions } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ModuleJob } from '../job.ts';
import { childWorker, type Launcher, type RunningWorker, type WorkerEnd } from './launcher.ts';
import { packageFile } from '../../io/bytes/package-file.ts';
import { SharedExchange, isShareRequest } from './shared-exchange.ts';
import { WORKER_LOG, commonFolderOf, workerEnvironment, type WorkerShare } from './worker-share.ts';

/** File of what `share` made, in the job directory. */
const SHARED_FILE = 'shared.data';

/** What a worker of a module job finds in its environment, be it a process or a thread. */
export function moduleEnvironment(job: ModuleJob, share: WorkerShare): NodeJS.ProcessEnv {
  const shared = join(commonFolderOf(share), SHARED_FILE);
  return { ...workerEnvironment(share), POOL_MODULE: job.path, POOL_SHARED_FILE: shared, POOL_KEEP_PREFORK: job.keepPrefork ?? 'first' };
}

/** Starts the processes, and passes on where the data lie that one of them made for all. */
export class ModuleLauncher implements Launcher {
  readonly #job: ModuleJob;
  readonly #exchange: SharedExchange<string> = new SharedExchange();
  #sharedFile: string | undefined;

  constructor(job: ModuleJob) {
    this.#job = job;
  }

  launch(share: WorkerShare): Promise<RunningWorker | WorkerEnd> {
    const { worker, directory } = share;
    const env = moduleEnvironment(this.#job, share);
    this.#sharedFile = env['POOL_SHARED_FILE'];
    const log = openSync(join(directory, WORKER_LOG), 'a');
    // The channel is also how the worker learns that nobody waits for it any more.
    const stdio: StdioOptions = ['ignore', log, log, 'ipc'];
    const child = spawn(process.execPath, [packageFile('dist/src/runner/module-worker.js')], {
      cwd: directory,
      env,
      detached: true,
      stdio,
    });
    closeSync(log);
    child.on('message', (message) => {
      // A worker that has ended meanwhile needs no answer.
      if (isShareRequest(message)) this.#exchange.take(worker, message, (answer) => void child.send(answer, () => undefined));
    });
    child.once('exit', () => this.#exchange.gone(worker));
    return childWorker(child);
  }

  close(): Promise<void> {
    if (this.#sharedFile !== undefined) rmSync(this.#sharedFile, { force: true });
    return Promise.resolve();
  }
}
