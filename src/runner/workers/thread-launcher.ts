/**
 * Module jobs in threads: one process of thread-host.ts has a thread per worker. What a thread brings down (a signal, memory
 * that is used up) takes the others with it, but not pool-run.
 *
 *   → { launch: worker, environment }     → { stop: worker }
 *   ← { ended: worker, exitCode }
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModuleJob } from '../job.ts';
import { endOf, type Launcher, type RunningWorker, type WorkerEnd } from './launcher.ts';
import { moduleEnvironment } from './module-launcher.ts';
import { packageFile } from '../../io/bytes/package-file.ts';
import { GRACE_MS, signalGroup } from './process-group.ts';
import { commonFolderOf, type WorkerShare } from './worker-share.ts';

/** What the host is told. */
export type HostOrder = { launch: number; environment: NodeJS.ProcessEnv } | { stop: number };

/** What the host tells. */
export interface HostAnswer {
  ended: number;
  exitCode: number;
}

/** The process of the threads, and how it ended. */
interface Host {
  process: ChildProcess;
  gone: Promise<WorkerEnd>;
  /** What waits for the end of each thread. */
  threads: Map<number, (end: WorkerEnd) => void>;
}

/** Starts threads in one process, which is begun with the first of them. */
export class ThreadLauncher implements Launcher {
  readonly #job: ModuleJob;
  #host: Host | undefined;

  constructor(job: ModuleJob) {
    this.#job = job;
  }

  launch(share: WorkerShare): Promise<RunningWorker> {
    const { worker } = share;
    this.#host ??= this.#start(share);
    const host = this.#host;
    const ended = new Promise<WorkerEnd>((resolve) => host.threads.set(worker, resolve));
    tell(host, { launch: worker, environment: moduleEnvironment(this.#job, share) });
    const stop = async (): Promise<void> => {
      tell(host, { stop: worker });
      const late = new AbortController();
      const grace = sleep(GRACE_MS, undefined, { signal: late.signal }).then(
        () => endHost(host),
        () => undefined,
      );
      await Promise.race([ended, grace]);
      late.abort();
    };
    return Promise.resolve({ pid: undefined, ended, stop, sweep: () => undefined });
  }

  async close(): Promise<void> {
    if (this.#host === undefined) return;
    endHost(this.#host);
    await this.#host.gone;
  }

  #start(share: WorkerShare): Host {
    const log = openSync(join(commonFolderOf(share), 'threads.log'), 'a');
    const child = spawn(process.execPath, [packageFile('dist/src/runner/thread-host.js')], {
      cwd: share.submitDirectory,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    const host: Host = { process: child, gone: endOf(child), threads: new Map() };
    child.on('message', ({ ended, exitCode }: HostAnswer) => {
      host.threads.get(ended)?.({ exitCode });
      host.threads.delete(ended);
    });
    void host.gone.then(({ exitCode, signal, problem }) => {
      if (this.#host === host) this.#host = undefined;
      for (const end of host.threads.values()) {
        end({ problem: problem ?? `lost the process of all threads (${signal ?? `exit code ${exitCode}`})` });
      }
    });
    return host;
  }
}

/** A host that has ended needs no orders: its threads are told by its end. */
function tell(host: Host, order: HostOrder): void {
  host.process.send(order, () => undefined);
}

/** Ends the process of the threads and what they started. */
function endHost({ process: { pid } }: Host): void {
  if (pid !== undefined) signalGroup(pid, 'SIGKILL');
}
