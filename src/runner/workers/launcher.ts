/** How workers are started: what all kinds of jobs have in common. */
import type { ChildProcess } from 'node:child_process';
import { signalGroup, stopGroups } from './process-group.ts';
import type { WorkerShare } from './worker-share.ts';

/** How a worker ended: one of both is undefined, or `problem` says why it never began. */
export interface WorkerEnd {
  exitCode?: number | undefined;
  signal?: string | undefined;
  problem?: string | undefined;
}

/** A worker at work. */
export interface RunningWorker {
  /** Leader of its process group; undefined for a thread of a process it shares with others. */
  readonly pid: number | undefined;
  readonly ended: Promise<WorkerEnd>;
  /** Ends it with everything it started; `ended` comes after that. */
  stop: () => Promise<void>;
  /** Ends what it left behind after its own end. */
  sweep: () => void;
}

/** A worker that leads a process group. */
export function processWorker(pid: number, ended: Promise<WorkerEnd>): RunningWorker {
  return { pid, ended, stop: () => stopGroups([pid]), sweep: () => void signalGroup(pid, 'SIGKILL') };
}

/** Starts workers. */
export interface Launcher {
  /** Starts one worker in its directory, which exists and is empty. */
  launch(share: WorkerShare): Promise<RunningWorker | WorkerEnd>;
  /** Ends what the launcher itself keeps running. */
  close(): Promise<void>;
}

/** How a child ends. */
export function endOf(child: ChildProcess): Promise<WorkerEnd> {
  return new Promise((resolve) => {
    child.once('error', (err) => resolve({ problem: `cannot be started: ${err.message}` }));
    child.once('exit', (exitCode, signal) => resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined }));
  });
}

/** A child, which leads a process group, as a worker; one that could not be started is one that ended. */
export function childWorker(child: ChildProcess): Promise<RunningWorker | WorkerEnd> {
  const ended = endOf(child);
  return child.pid === undefined ? ended : Promise.resolve(processWorker(child.pid, ended));
}
