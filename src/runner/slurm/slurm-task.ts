/** What a task of Slurm does: one worker with the supervisor of every run, or one merge of the tree. Any machine may run it. */
import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError, WorkerError } from '../../errors.ts';
import { prepareQueue } from '../events/event-queue.ts';
import { sharesOf } from '../job-plan.ts';
import type { Launcher, RunningWorker, WorkerEnd } from '../workers/launcher.ts';
import { launcherOf } from '../workers/launchers.ts';
import { findIncompleteOutput } from '../outputs.ts';
import { runMerge, type TaskRun } from './slurm-merge.ts';
import { SlurmStates } from './slurm-states.ts';
import { Supervisor } from '../workers/supervisor.ts';
import type { WorkerShare } from '../workers/worker-share.ts';

/** Time in which a signal of Slurm has reached all processes of a task, in milliseconds. */
const SIGNAL_MS = 1000;

/**
 * Does the part of a run that a task of Slurm is for.
 * @param directory job directory
 * @param task `worker:3` or `merge:0`
 * @throws what went wrong, after it was noted in the task's state
 */
export async function runSlurmTask(directory: string, task: string, signal?: AbortSignal): Promise<void> {
  const states = new SlurmStates(resolve(directory));
  const found = states.readPlan();
  const [, kind, text] = /^(worker|merge):(\d+)$/.exec(task) ?? [];
  if (found === undefined || kind === undefined) throw new UsageError(`not a task of a run on Slurm: '${task}'`, { file: directory });
  // Slurm goes on in another directory when it cannot enter this one.
  process.chdir(found.plan.submitDirectory);
  const run = { ...found, states, shares: sharesOf(found.plan, states), signal };
  const [share, node] = [run.shares[Number(text)], run.tree[Number(text)]];
  if (kind === 'worker' && share !== undefined) return runWorker(run, share);
  if (kind === 'merge' && node !== undefined) return runMerge(run, node);
  throw new UsageError(`no such task in this run: '${task}'`, { file: directory });
}

async function runWorker({ plan, states, signal }: TaskRun, share: WorkerShare): Promise<void> {
  const { worker } = share;
  const commonFolder = states.startPath(worker);
  rmSync(commonFolder, { recursive: true, force: true });
  mkdirSync(commonFolder);
  const supervisor = new Supervisor({
    states,
    launcher: patientLauncher(launcherOf(plan.job, plan.interpreter), signal),
    shares: [{ ...share, commonFolder }],
    onFailure: plan.options.onFailure ?? { kind: 'fail' },
    timeoutSeconds: plan.options.timeoutSeconds,
    signal,
    prepare: ({ queue }) => queue !== undefined && prepareQueue(queue, worker),
    check: ({ directory }) => findIncompleteOutput(directory),
  });
  try {
    await supervisor.run();
    states.end(worker, states.worker(worker).status, supervisor.failures);
    rmSync(commonFolder, { recursive: true });
  } catch (err) {
    if (err instanceof WorkerError) states.end(worker, 'failed', [...supervisor.failures, err]);
    throw err;
  }
}

/**
 * Slurm signals the worker and this process alike: a worker that fails may only be the first to end. Failures are told
 * when this process has had the time to learn that it is being ended.
 */
function patientLauncher(launcher: Launcher, signal: AbortSignal | undefined): Launcher {
  const wait = (): Promise<void> => sleep(SIGNAL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  const patiently = async (end: WorkerEnd): Promise<WorkerEnd> => {
    if (end.exitCode !== 0) await wait();
    return end;
  };
  const launch = async (share: WorkerShare): Promise<RunningWorker | WorkerEnd> => {
    try {
      const started = await launcher.launch(share);
      return 'ended' in started ? { ...started, ended: started.ended.then(patiently) } : await patiently(started);
    } catch (err) {
      await wait();
      throw err;
    }
  };
  return { launch, close: () => launcher.close() };
}
