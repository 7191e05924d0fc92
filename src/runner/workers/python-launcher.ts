/**
 * Python jobs: one process of python/pool_bootstrap.py initializes the job once and forks a worker whenever it
 * is told to, so that all workers share what is in memory by then.
 *
 * Orders go to its descriptor 4, answers come from 3, one JSON object per line:
 *
 *   → {"worker": n, "directory": …, "environment": {…}}      fork a worker
 *   ← {"ready": true}                                        initialize is through
 *   ← {"started": n, "pid": p}   {"ended": n, "exitCode": c} or {"ended": n, "signal": "SIGKILL"}
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { WorkerError } from '../../errors.ts';
import type { PythonJob } from '../job.ts';
import { processWorker, type Launcher, type RunningWorker, type WorkerEnd } from './launcher.ts';
import { packageFile } from '../../io/bytes/package-file.ts';
import { signalGroup, stopGroups } from './process-group.ts';
import { commonFolderOf, environmentOf, workerEnvironment, type WorkerShare } from './worker-share.ts';
import { tailOf } from './log-tail.ts';

/** What the bootstrap answers. */
interface Answer {
  ready?: boolean;
  started?: number;
  ended?: number;
  pid?: number;
  exitCode?: number;
  signal?: string;
}

/** One order that waits for its answers. */
interface Pending {
  started: (worker: RunningWorker | WorkerEnd) => void;
  ended: (end: WorkerEnd) => void;
  end: Promise<WorkerEnd>;
}

/** Folders of the bootstrap: outputs that initialize has opened, those of the rehearsal. Every worker has copies of its own. */
const OWN_FOLDERS = ['initialize', 'rehearsal'];

/** Arguments of the interpreter for a job; `serial` runs all events in this one process. */
export function pythonArguments(job: PythonJob, mode: 'serial' | 'fork'): string[] {
  return [packageFile('python/pool_bootstrap.py'), mode, String(job.forkAfter ?? 0), job.path, ...job.args];
}

/** Forks the workers of a Python job. */
export class PythonLauncher implements Launcher {
  readonly #job: PythonJob;
  readonly #interpreter: string;
  readonly #pending = new Map<number, Pending>();
  #master: ChildProcess | undefined;
  #orders: Writable | undefined;
  #ready: Promise<void> | undefined;
  #isReady = false;
  #logPath = '';
  /** The worker that comes first: what goes wrong in initialize is told as its failure. */
  #worker = 0;

  constructor(job: PythonJob, interpreter: string) {
    this.#job = job;
    this.#interpreter = interpreter;
  }

  async launch(share: WorkerShare): Promise<RunningWorker | WorkerEnd> {
    this.#ready ??= this.#start(share);
    await this.#ready;
    const started = new Promise<RunningWorker | WorkerEnd>((resolve) => {
      let ended: (end: WorkerEnd) => void = () => undefined;
      const end = new Promise<WorkerEnd>((done) => (ended = done));
      this.#pending.set(share.worker, { started: resolve, ended, end });
    });
    this.#orders?.write(`${JSON.stringify({ worker: share.worker, directory: share.directory, environment: environmentOf(share) })}\n`);
    return started;
  }

  async close(): Promise<void> {
    const master = this.#master;
    if (master?.pid === undefined) return;
    this.#orders?.end();
    const gone = new Promise<void>((resolve) =>
      master.exitCode === null && master.signalCode === null ? master.once('exit', () => resolve()) : resolve(),
    );
    // A master that is still in initialize does not listen.
    const timer = setTimeout(() => void stopGroups([master.pid as number]), this.#isReady ? 2000 : 0);
    await gone;
    clearTimeout(timer);
    // What initialize has started ends with the job.
    signalGroup(master.pid, 'SIGKILL');
    for (const folder of OWN_FOLDERS) rmSync(join(dirname(this.#logPath), folder), { recursive: true, force: true });
  }

  /** Starts the bootstrap; resolves when initialize is through. */
  #start(share: WorkerShare): Promise<void> {
    const folder = commonFolderOf(share);
    this.#worker = share.worker;
    this.#logPath = join(folder, 'initialize.log');
    const log = openSync(this.#logPath, 'a');
    const env = {
      ...workerEnvironment(share),
      POOL_JOB_DIR: folder,
      POOL_KEEP_PREFORK: this.#job.keepPrefork ?? 'first',
      ...(share.commonFolder !== undefined && { POOL_START_SHARED: '1' }),
    };
    const master = spawn(this.#interpreter, pythonArguments(this.#job, 'fork'), {
      stdio: ['ignore', log, log, 'pipe', 'pipe'],
      detached: true,
      env,
    });
    closeSync(log);
    this.#master = master;
    this.#orders = master.stdio[4] as Writable;
    this.#isReady = false;
    // Orders to a bootstrap that has ended fail; its end is told by the event 'exit'.
    this.#orders?.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      master.once('error', (err) => reject(new WorkerError(`cannot be started: ${err.message}`, { worker: share.worker }, { cause: err })));
      master.once('exit', (exitCode, signal) => {
        reject(this.#failure(exitCode, signal));
        // Workers that are run again need another one.
        this.#ready = undefined;
        this.#abandon(exitCode, signal);
      });
      createInterface({ input: master.stdio[3] as Readable }).on('line', (line) => this.#take(JSON.parse(line) as Answer, resolve));
    });
  }

  #failure(exitCode: number | null, signal: string | null): WorkerError {
    const how = signal === null ? `exit code ${exitCode}` : signal;
    return new WorkerError(`was not started: initialize ended with ${how}`, {
      worker: this.#worker,
      exitCode: exitCode ?? undefined,
      signal: signal ?? undefined,
      logPath: this.#logPath,
      logTail: tailOf(this.#logPath),
    });
  }

  /** The bootstrap is gone, and its workers with it. */
  #abandon(exitCode: number | null, signal: string | null): void {
    const end = { problem: `lost the process it was forked from (${signal ?? `exit code ${exitCode}`})` };
    for (const pending of this.#pending.values()) {
      pending.started(end);
      pending.ended(end);
    }
    this.#pending.clear();
  }

  #take(answer: Answer, ready: () => void): void {
    if (answer.ready === true) {
      this.#isReady = true;
      ready();
    }
    const pending = this.#pending.get(answer.started ?? answer.ended ?? -1);
    if (pending === undefined) return;
    if (answer.started !== undefined) pending.started(processWorker(answer.pid as number, pending.end));
    else {
      this.#pending.delete(answer.ended as number);
      pending.ended({ exitCode: answer.exitCode, signal: answer.signal });
    }
  }
}
