/** The functions of a module job as an algorithm of the event loop. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../errors.ts';
import { IoComponentMgr, type ReinitOptions } from '../io/component/io-component-mgr.ts';
import type { Algorithm } from './events/event-loop-mgr.ts';
import { noteMemory } from './workers/memory-log.ts';
import type { JobContext, JobDefinition, ShareContext } from './job.ts';
import { packData, unpackData } from './workers/shared-data.ts';

/** Folder in a worker's directory where outputs lie while initialize runs. */
const PREFORK_FOLDER = '.initialize';

/** Imports a job; UsageError when the module's default export is none, or Node cannot run TypeScript. */
export async function loadJob(path: string): Promise<JobDefinition> {
  const module = (await import(pathToFileURL(path).href).catch((err: unknown) => refuseTypeScript(path, err))) as {
    default?: Partial<JobDefinition>;
  };
  const definition = module.default;
  if (typeof definition?.execute !== 'function') {
    throw new UsageError('a job needs a default export with a function execute(event): export default defineJob({ … })', { file: path });
  }
  return definition as JobDefinition;
}

function refuseTypeScript(path: string, err: unknown): never {
  if (!/\.[cm]?ts$/.test(path) || (err as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw err;
  throw new UsageError(
    `Node ${process.version} does not run TypeScript by itself: use 22.18 or later, compile the job, or name a loader (NODE_OPTIONS="--import tsx")`,
    { file: path },
  );
}

/** What `share` returns, as all workers get it; undefined without that function. */
export async function sharedWithoutWorkers({ share }: JobDefinition, context: ShareContext): Promise<unknown> {
  return share === undefined ? undefined : unpackData(packData(await share(context)));
}

/** The files of a worker: outputs lie in a folder of their own until they are moved. */
export function workerIo(directory: string, submitDirectory: string): IoComponentMgr {
  return new IoComponentMgr({ base: submitDirectory, outputs: join(directory, PREFORK_FOLDER) });
}

/** Where a job notes what it has done, and what is done with its files. */
export interface AlgorithmOptions {
  /** Paths of the logs of events and of memory. */
  events?: string | undefined;
  memory?: string | undefined;
  /** In a worker: the files are moved to its directory after initialize. */
  move?: ReinitOptions | undefined;
}

/** A job as one algorithm; finished events and memory are noted in their logs, if there are any. */
export function jobAlgorithm(definition: JobDefinition, context: JobContext, options: AlgorithmOptions = {}): Algorithm {
  const { events: eventLog, memory: memoryLog, move } = options;
  let finished = 0;
  const log = eventLog === undefined ? undefined : openSync(eventLog, 'a');
  const note = (event: number): void => {
    if (log !== undefined) writeSync(log, `${event}\n`);
    finished++;
    if (memoryLog !== undefined) noteMemory(memoryLog, finished);
  };
  return {
    initialize: async () => {
      await (move === undefined ? definition.initialize?.(context) : initializeAndMove(definition, context, move));
      if (memoryLog !== undefined) noteMemory(memoryLog, finished);
    },
    execute: (event) => {
      const result = definition.execute(event, context);
      return result instanceof Promise ? result.then(() => note(event)) : note(event);
    },
    finalize: async () => {
      await definition.finalize?.(context);
      context.io.finalize();
      if (log !== undefined) closeSync(log);
    },
  };
}

/** What a worker does before its first event: initialize, io_update_all, io_reinitialize. */
async function initializeAndMove(definition: JobDefinition, context: JobContext, move: ReinitOptions): Promise<void> {
  const folder = join(context.directory, PREFORK_FOLDER);
  mkdirSync(folder, { recursive: true });
  await definition.initialize?.(context);
  context.io.updateAll(context.directory);
  context.io.reinitialize(move);
  rmSync(folder, { recursive: true });
}
