/** The command line of pool-run: its flags, once, and what they make together. */
import { UsageError, type CompressionPolicy, type FailurePolicy, type Schedule, type VerifyLevel, type WorkerKind } from '../src/index.ts';
import { oneOf, parseCompression, parseOutput, parseText, parseTimestamp, wholeNumber } from './flag-values.ts';
import { parseToolLine, type Flag, type ToolDescription } from './tool-command.ts';

/** What the flags give; absent means not given. */
export interface RunFlags {
  workers?: number;
  output?: string;
  dir?: string;
  events?: number;
  firstEvent?: number;
  seed?: number;
  schedule?: Schedule;
  forkAfter?: number;
  workerKind?: WorkerKind;
  keepPrefork?: 'first' | 'all';
  backend?: 'local' | 'slurm';
  slurmOptions?: string[];
  fanIn?: number;
  detach?: boolean;
  dryRun?: boolean;
  status?: boolean;
  task?: string;
  python?: string;
  timeout?: number;
  onFailure?: FailurePolicy;
  resume?: boolean;
  force?: boolean;
  merge?: boolean;
  keepWorkers?: boolean;
  keepLogs?: boolean;
  scaling?: ScalingRange;
  memory?: boolean;
  compression?: CompressionPolicy;
  verify?: VerifyLevel;
  timestamp?: Date;
  json?: string;
  quiet?: boolean;
}

/** Numbers of workers, both ends included. */
export interface ScalingRange {
  from: number;
  to: number;
}

const JOB = 'Job';
const FAULTS = 'When something goes wrong';
const OUTPUT = 'Output';
const SLURM = 'Slurm';
const TELLING = 'Reports and messages';

/** A time in seconds. */
function parseSeconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 2_000_000)) throw new UsageError(`not a time in seconds: '${text}'`);
  return value;
}

/** `0..4`. */
function parseRange(text: string): ScalingRange {
  const match = /^(\d{1,3})\.\.(\d{1,3})$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || from > to) throw new UsageError(`not a range of numbers of workers: '${text}', write 0..4`);
  return { from, to };
}

/** `fail`, `drop` or `retry:N`. */
function parseFailurePolicy(text: string): FailurePolicy {
  if (text === 'fail' || text === 'drop') return { kind: text };
  const times = /^retry:(\d{1,3})$/.exec(text)?.[1];
  if (times === undefined || Number(times) < 1) throw new UsageError(`unknown policy '${text}': use fail, drop or retry:N`);
  return { kind: 'retry', times: Number(times) };
}

/** 0 or 1. */
function parseForkAfter(text: string): number {
  if (text !== '0' && text !== '1') {
    throw new UsageError(`--fork-after is 0 (after initialize) or 1 (after the first event), not '${text}'`);
  }
  return Number(text);
}

/** All flags besides --help and --version. */
export const RUN_FLAGS: readonly Flag[] = [
  {
    flags: '-n, --workers <count>',
    group: JOB,
    parse: wholeNumber(Number.MIN_SAFE_INTEGER),
    help: 'number of workers; 0 or less: a serial run in the current directory, nothing is merged',
  },
  { flags: '--events <count>', group: JOB, parse: wholeNumber(1), help: 'number of events of the whole job; a command may do without' },
  { flags: '--first-event <number>', group: JOB, parse: wholeNumber(0), help: 'number of the first event; default 0' },
  { flags: '--seed <number>', group: JOB, parse: wholeNumber(0), help: 'worker n gets this seed + n; default 1' },
  { flags: '--dir <folder>', group: JOB, parse: parseText, help: 'job directory, default pool_workers; an old one is moved aside' },
  {
    flags: '--schedule <how>',
    group: JOB,
    parse: oneOf('schedule', 'round-robin', 'queue'),
    help: 'how events are shared out: round-robin (default), or queue (a free worker takes the next events; for events that take unequal time; not for commands)',
  },
  {
    flags: '--fork-after <count>',
    group: JOB,
    parse: parseForkAfter,
    help: 'Python jobs: fork the workers after initialize (0, default) or after a rehearsal of the first event (1)',
  },
  {
    flags: '--worker-kind <kind>',
    group: JOB,
    parse: oneOf('kind of worker', 'process', 'thread'),
    help: 'module jobs: a worker is a process (default), or a thread of one process',
  },
  {
    flags: '--keep-prefork <which>',
    group: JOB,
    parse: oneOf('choice of workers', 'first', 'all'),
    help: 'Python and module jobs: what was filled in initialize is kept by the first worker, so that it counts once (first, default), or by all',
  },
  { flags: '--python <program>', group: JOB, parse: parseText, help: 'interpreter of Python jobs; default $PYTHON or python3' },
  {
    flags: '--timeout <seconds>',
    group: FAULTS,
    parse: parseSeconds,
    help: 'time limit of a worker: one that takes longer is stopped and counts as failed',
  },
  {
    flags: '--on-failure <policy>',
    group: FAULTS,
    parse: parseFailurePolicy,
    help: 'a worker that fails: fail (stop all; default), retry:N (run it again, up to N times), drop (leave its events out; exit code 3)',
  },
  { flags: '--resume', group: FAULTS, help: 'go on with a stopped or failed run of the same job: finished workers are kept' },
  {
    flags: '-o, --output <file>',
    group: OUTPUT,
    parse: parseOutput,
    help: 'the merged file; a folder (ending with /) gets all merged files under their names',
  },
  { flags: '-f, --force', group: OUTPUT, help: 'replace existing outputs' },
  { flags: '--no-merge', group: OUTPUT, help: 'do not merge: leave the files in the directories of the workers' },
  { flags: '--keep-workers', group: OUTPUT, help: 'keep the directories of the workers; default: what was merged is removed' },
  { flags: '--compression <setting>', group: OUTPUT, parse: parseCompression, help: 'as for pool-merge' },
  { flags: '--verify <level>', group: OUTPUT, parse: oneOf('level of verification', 'fast', 'full', 'none'), help: 'as for pool-merge' },
  { flags: '--timestamp <date>', group: OUTPUT, parse: parseTimestamp, help: 'as for pool-merge' },
  {
    flags: '--backend <where>',
    group: SLURM,
    parse: oneOf('backend', 'local', 'slurm'),
    help: 'local (processes here, default), or slurm: an array job of workers, then the merge',
  },
  {
    flags: '--slurm-options <text>',
    group: SLURM,
    parse: parseText,
    repeatable: true,
    help: 'options of sbatch for all jobs: "--partition=short --time=60 --mem=2G"; repeatable',
  },
  {
    flags: '--fan-in <count>',
    group: SLURM,
    parse: wholeNumber(2),
    help: 'files per merge, default 32; more workers are merged in groups, each as soon as it is ready, then the groups',
  },
  { flags: '--detach', group: SLURM, help: 'submit and return; --resume follows the run later' },
  { flags: '--dry-run', group: SLURM, help: 'print the scripts and the calls of sbatch; nothing is written or submitted' },
  {
    flags: '--status',
    group: SLURM,
    help: 'report the progress of the run in a job directory (pool-run --status JOBDIR); exit code 5 while it is running',
  },
  {
    flags: '--task <name>',
    group: SLURM,
    parse: parseText,
    help: 'used by the submitted scripts: do one part of the run in --dir (worker:N or merge:N)',
  },
  { flags: '--keep-logs', group: TELLING, help: 'keep the logs of the workers, joined in job.log of the job directory' },
  {
    flags: '--memory',
    group: TELLING,
    help: 'a table of private and shared memory before event 0, after event 1 and after event 50; not for commands',
  },
  {
    flags: '--scaling <range>',
    group: TELLING,
    parse: parseRange,
    help: 'run the job with each number of workers in the range (0..4) and report times and speed-up; replaces -n and -o, works in the folder pool_scaling (or --dir)',
  },
  { flags: '--json <file>', group: TELLING, parse: parseText, help: 'write the report as JSON to this file; - means standard output' },
  { flags: '-q, --quiet', group: TELLING, help: 'only errors' },
];

const EXAMPLES = `
Jobs:
  -- COMMAND ARGS...   runs in each worker's directory; the environment says which events are its own
                       (POOL_WORKER, POOL_NWORKERS, POOL_SEED, POOL_FIRST_EVENT, POOL_EVENT_STRIDE, POOL_MAX_EVENTS),
                       and so do {worker}, {nworkers}, {seed}, {first}, {stride}, {events}, {dir}, {submit} in its arguments
  job.py               a file with the functions initialize, execute(event), finalize: initialized once, then forked
  job.mjs              a module with: export default defineJob({ initialize, execute, finalize })

Examples:
  pool-run -n 4 -o merged.root -- ./generate --seed {seed} --out hist.root
  pool-run -n 4 -o merged.root --events 1000 job.py
  pool-run --backend slurm -n 200 -o merged.root --events 100000 --slurm-options "--time=60 --mem=2G" job.py
  pool-run -n 8 -o results/ --on-failure retry:2 --timeout 3600 -- python job.py {submit}/input.root

Exit codes:
  0  done, merged    1  failed, nothing merged        2  wrong use, nothing started
  3  merged, but a worker was dropped                 4  events missing or done twice, or verification failed
  5  --status: still running
  129, 130, 143  interrupted (SIGHUP, SIGINT, SIGTERM): all workers are stopped, --resume goes on`;

/** A command line that asks for work. */
export interface RunInvocation {
  /** The job file with its arguments, or the command. */
  words: string[];
  /** True when the words stood after `--`. */
  isCommand: boolean;
  flags: RunFlags;
}

const TOOL: ToolDescription = {
  name: 'pool-run',
  usage: '-n WORKERS -o OUTPUT [options] JOB.py|JOB.mjs [ARGS...] | -- COMMAND [ARGS...]',
  description: 'Runs a job over several workers, each in its own directory, and merges the ROOT, HDF5 and Arrow files they write.',
  argument: '[words...]',
  flags: RUN_FLAGS,
  examples: EXAMPLES,
  passThrough: true,
};

/** Parses a command line (without interpreter and script); undefined when help or version was shown. */
export function parseRunCommandLine(argv: readonly string[]): RunInvocation | undefined {
  const line = parseToolLine<RunFlags>(TOOL, argv);
  if (line === undefined) return undefined;
  const words = line.inputs;
  return { words, isCommand: words.length > 0 && argv[argv.length - words.length - 1] === '--', flags: line.flags };
}
