/** How workers are started: what the three kinds of jobs have in common. */
import type { WorkerShare } from './worker-share.ts';

/** How a worker ended: one of both is undefined, or `problem` says why it never began. */
export interface WorkerEnd {
  exitCode?: number | undefined;
  signal?: string | undefined;
  problem?: string | undefined;
}

/** A worker at work; it leads a process group. */
export interface RunningWorker {
  readonly pid: number;
  readonly ended: Promise<WorkerEnd>;
}

/** Starts workers. */
export interface Launcher {
  /** Starts one worker in its directory, which exists and is empty. */
  launch(share: WorkerShare): Promise<RunningWorker | WorkerEnd>;
  /** Ends what the launcher itself keeps running. */
  close(): Promise<void>;
}
