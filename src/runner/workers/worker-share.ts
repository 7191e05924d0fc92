/**
 * What is one worker's: its events (round robin), its seed, its directory, and how a command is told.
 *
 *   environment          template    meaning
 *   POOL_WORKER          {worker}    number of the worker, from 0
 *   POOL_NWORKERS        {nworkers}  number of workers
 *   POOL_SEED            {seed}      seed of the job + number of the worker
 *   POOL_FIRST_EVENT     {first}     its first event
 *   POOL_EVENT_STRIDE    {stride}    from one of its events to the next
 *   POOL_MAX_EVENTS      {events}    number of its events; -1: not known
 *   POOL_WORKER_DIR      {dir}       its directory, which is the current one
 *   POOL_SUBMIT_DIR      {submit}    where the job was started
 *   POOL_EVENT_LOG                   file to which the number of every finished event is appended, one per line
 */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { QUEUE_VARIABLES, queueEnvironment, type EventQueue } from '../events/event-queue.ts';

/** Name of a worker's log of finished events, in its directory. */
export const EVENT_LOG = 'pool-run.events';
/** Name of a worker's log, in its directory. */
export const WORKER_LOG = 'pool-run.log';

/** Name of a worker's log of its memory, in its directory. */
export const MEMORY_LOG = 'pool-run.memory';

/** One worker's share of a job. */
export interface WorkerShare {
  readonly worker: number;
  readonly workerCount: number;
  readonly seed: number;
  readonly firstEvent: number;
  readonly stride: number;
  /** Number of its events; undefined when the job has no known number. */
  readonly eventCount: number | undefined;
  /** Absolute path. */
  readonly directory: string;
  /** Absolute path of the directory in which the job was started. */
  readonly submitDirectory: string;
  /** Where events are shared out by a queue. */
  readonly queue?: EventQueue | undefined;
  /** Absolute path of a folder for what the workers of one launcher have in common; absent: the job directory. */
  readonly commonFolder?: string | undefined;
  /** True when its memory is noted. */
  readonly memory?: boolean | undefined;
}

/** What a share is computed from. */
export interface ShareRequest {
  workerCount: number;
  events?: number | undefined;
  firstEvent: number;
  seed: number;
  directory: string;
  submitDirectory: string;
  queue?: EventQueue | undefined;
  memory?: boolean | undefined;
}

/** Share of one worker: events firstEvent + worker, firstEvent + worker + n, …; with a queue they are found out as it runs. */
export function shareOf(worker: number, request: ShareRequest): WorkerShare {
  const { workerCount, events, firstEvent, seed, directory, submitDirectory, queue, memory } = request;
  const eventCount = events === undefined || queue !== undefined ? undefined : Math.max(0, Math.ceil((events - worker) / workerCount));
  return {
    worker,
    workerCount,
    seed: seed + worker,
    firstEvent: firstEvent + worker,
    stride: workerCount,
    eventCount,
    directory,
    submitDirectory,
    queue,
    memory,
  };
}

/** Absolute path of the folder for what the workers of one launcher have in common. */
export function commonFolderOf({ commonFolder, directory }: WorkerShare): string {
  return commonFolder ?? dirname(directory);
}

/** The variables a worker finds in its environment. */
export function environmentOf(share: WorkerShare): Record<string, string> {
  return {
    POOL_WORKER: String(share.worker),
    POOL_NWORKERS: String(share.workerCount),
    POOL_SEED: String(share.seed),
    POOL_FIRST_EVENT: String(share.firstEvent),
    POOL_EVENT_STRIDE: String(share.stride),
    POOL_MAX_EVENTS: String(share.eventCount ?? -1),
    POOL_WORKER_DIR: share.directory,
    POOL_SUBMIT_DIR: share.submitDirectory,
    POOL_EVENT_LOG: join(share.directory, EVENT_LOG),
    ...(share.memory === true && { POOL_MEMORY_LOG: join(share.directory, MEMORY_LOG) }),
    ...(share.queue !== undefined && queueEnvironment(share.queue)),
  };
}

/** Variables that a share may lack. A run inside of a worker must not take those of the run around it. */
const OPTIONAL = ['POOL_MEMORY_LOG', 'POOL_START_SHARED', ...QUEUE_VARIABLES];

/** The environment of this process with the variables of a worker. */
export function workerEnvironment(share: WorkerShare): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !OPTIONAL.includes(name));
  return { ...Object.fromEntries(inherited), ...environmentOf(share) };
}

const TEMPLATES: Readonly<Record<string, keyof ReturnType<typeof environmentOf>>> = {
  worker: 'POOL_WORKER',
  nworkers: 'POOL_NWORKERS',
  seed: 'POOL_SEED',
  first: 'POOL_FIRST_EVENT',
  stride: 'POOL_EVENT_STRIDE',
  events: 'POOL_MAX_EVENTS',
  dir: 'POOL_WORKER_DIR',
  submit: 'POOL_SUBMIT_DIR',
};

/** Programs whose first argument without a dash is a script. */
const INTERPRETER = /^(python[\d.]*|bash|sh|zsh|node|perl|ruby|root|root\.exe)$/;

/**
 * The command of one worker. Templates are filled in; the program, and the script of an interpreter, are
 * looked for where the job was started, since the worker runs in its own directory. Other braces and
 * other relative paths stay as they are.
 */
export function commandOf(argv: readonly string[], share: WorkerShare): string[] {
  const [program, ...args] = argv.map((argument) => fillTemplates(argument, share));
  if (program === undefined || program === '') throw new UsageError('no command given after --');
  if (INTERPRETER.test(basename(program))) {
    const script = args.findIndex((argument) => !argument.startsWith('-'));
    const path = script < 0 ? undefined : resolve(share.submitDirectory, args[script] as string);
    if (path !== undefined && existsSync(path) && statSync(path).isFile()) args[script] = path;
  }
  const isPath = program.includes('/') && !isAbsolute(program);
  return [isPath ? resolve(share.submitDirectory, program) : program, ...args];
}

/** A text with {worker} and its like filled in. */
export function fillTemplates(text: string, share: WorkerShare): string {
  const environment = environmentOf(share);
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const variable = Object.hasOwn(TEMPLATES, name) ? TEMPLATES[name] : undefined;
    return (variable === undefined ? undefined : environment[variable]) ?? whole;
  });
}
