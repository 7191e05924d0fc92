/** `pool-run -n WORKERS -o OUTPUT [options] JOB | -- COMMAND`: a job over several workers, and its merge. */
import {
  UsageError,
  checkReportPath,
  jobStatus,
  measureScaling,
  previewJob,
  runJob,
  runSlurmTask,
  submitJob,
  type Job,
  type JobOptions,
  type JobReport,
} from '../src/index.ts';
import { givenFlags } from './flag-values.ts';
import { EXIT, exitCodeOfError, exitCodeOfJob, exitCodeOfStatus, setExitCode } from './outcome.ts';
import { failureText, warningLine } from './text-pieces.ts';
import { parseRunCommandLine, type RunFlags, type RunInvocation, type ScalingRange } from './run-flags.ts';
import { jobSummary, scalingText, startLiveTable } from './run-render.ts';
import { previewText, statusText, submissionText } from './slurm-render.ts';
import { watchSecondSignal, watchSignals } from './signals.ts';
import { jsonText, tellFailure, watchStandardStreams, writeReport } from './standard-streams.ts';

/** What ends a job, in order and by force. */
type Signals = Required<Pick<JobOptions, 'signal' | 'forceSignal'>>;

async function run(argv: readonly string[]): Promise<number> {
  const interruption = watchSignals();
  const forceSignal = watchSecondSignal(interruption);
  let json: string | undefined;
  try {
    const invocation = parseRunCommandLine(argv);
    if (invocation === undefined) return EXIT.merged;
    const { flags } = invocation;
    if (flags.json !== undefined && flags.json !== '-') checkReportPath(flags.json, flags.output === undefined ? [] : [flags.output]);
    json = flags.json;
    const code = await runAside(invocation, { signal: interruption.signal, forceSignal });
    if (code !== undefined) return code;
    const report = await work(jobOf(invocation), flags, { signal: interruption.signal, forceSignal });
    tell(report, flags);
    return exitCodeOfJob(report);
  } catch (err) {
    tellFailure(err, 'pool-run', json);
    return exitCodeOfError(err, interruption.name());
  }
}

/** What is asked for besides running a job here to its end; undefined when it is just that. */
async function runAside(invocation: RunInvocation, signals: Signals): Promise<number | undefined> {
  const { flags } = invocation;
  if (flags.task !== undefined) {
    if (flags.dir === undefined) throw new UsageError('--task needs --dir: it is for the scripts of a run on Slurm');
    await runSlurmTask(flags.dir, flags.task, signals.signal);
    return EXIT.merged;
  }
  if (flags.status === true) return tellStatus(invocation);
  if (flags.backend !== 'slurm') {
    const alone = [
      flags.detach && '--detach',
      flags.dryRun && '--dry-run',
      flags.slurmOptions && '--slurm-options',
      flags.fanIn && '--fan-in',
    ].find((name) => name !== undefined);
    if (alone !== undefined) throw new UsageError(`${alone} is for runs on Slurm: add --backend slurm`);
  }
  if (flags.scaling !== undefined) return tellScaling(jobOf(invocation), flags, flags.scaling, signals);
  if (flags.dryRun === true) {
    const preview = await previewJob(jobOf(invocation), optionsOf(flags));
    return say(previewText(preview), preview, flags);
  }
  if (flags.detach !== true) return undefined;
  const submission = await submitJob(jobOf(invocation), optionsOf(flags));
  return say(submissionText(submission), submission, flags);
}

async function tellStatus({ words, flags }: RunInvocation): Promise<number> {
  if (words.length > 1) throw new UsageError('--status takes one job directory, behind all options');
  const status = await jobStatus(words[0] ?? flags.dir ?? 'pool_workers');
  say(statusText(status), status, flags);
  return exitCodeOfStatus(status);
}

function say(text: string, report: unknown, flags: RunFlags): number {
  if (flags.quiet !== true) (flags.json === '-' ? console.error : console.log)(text);
  writeReport(flags.json, [jsonText(report)]);
  return EXIT.merged;
}

async function tellScaling(job: Job, flags: RunFlags, range: ScalingRange, signals: Signals): Promise<number> {
  if (flags.backend === 'slurm') throw new UsageError('--scaling measures this machine: leave out --backend');
  if (flags.workers !== undefined || flags.output !== undefined || flags.resume === true) {
    throw new UsageError('--scaling chooses workers and outputs itself: leave out -n, -o and --resume');
  }
  const report = await measureScaling(job, { ...optionsOf({ ...flags, workers: 1 }), ...signals }, range);
  return say(scalingText(report), report, flags);
}

async function work(job: Job, flags: RunFlags, signals: Signals): Promise<JobReport> {
  const table = flags.quiet === true ? undefined : startLiveTable(process.stderr);
  try {
    return await runJob(job, { ...optionsOf(flags), ...signals, ...(table !== undefined && { onProgress: table.draw }) });
  } finally {
    table?.clear();
  }
}

function jobOf({ words, isCommand, flags }: RunInvocation): Job {
  const [path, ...args] = words;
  if (path === undefined) throw new UsageError('no job given: add JOB.py, JOB.mjs, or -- COMMAND ARGS...');
  if (flags.forkAfter !== undefined && (isCommand || !path.endsWith('.py'))) {
    throw new UsageError('--fork-after is for Python jobs (JOB.py, not -- COMMAND)');
  }
  const isModule = !isCommand && /\.[cm]?[jt]s$/.test(path);
  if (!isModule && flags.workerKind !== undefined) throw new UsageError('--worker-kind is for module jobs (JOB.mjs)');
  if (isCommand && flags.keepPrefork !== undefined) {
    throw new UsageError('--keep-prefork is for Python and module jobs, not for commands: each initializes itself');
  }
  const misplaced = flags.events === undefined && !isCommand && args.some((arg) => arg.startsWith('--events'));
  if (misplaced) throw new UsageError(`options of pool-run come before the job: pool-run ... --events N ${path}`);
  const { workerKind, keepPrefork } = flags;
  if (isCommand) return { kind: 'command', argv: words };
  if (path.endsWith('.py')) {
    return {
      kind: 'python',
      path,
      args,
      ...(flags.forkAfter === 1 && { forkAfter: 1 }),
      ...(keepPrefork !== undefined && { keepPrefork }),
    };
  }
  if (!isModule) throw new UsageError(`a job is JOB.py, JOB.mjs, or a command after --: pool-run ... -- ${words.join(' ')}`);
  if (args.length > 0) {
    throw new UsageError(`a module job takes no arguments, and options of pool-run come before the job: ${args.join(' ')}`);
  }
  return { kind: 'module', path, ...(workerKind !== undefined && { workerKind }), ...(keepPrefork !== undefined && { keepPrefork }) };
}

function optionsOf(flags: RunFlags): JobOptions {
  const { workers, dir, timeout, merge, backend, slurmOptions } = flags;
  if (workers === undefined) throw new UsageError('how many workers? add -n COUNT');
  if (merge === false && flags.output !== undefined) throw new UsageError('--no-merge leaves the files with the workers: leave out -o');
  return {
    workers,
    ...givenFlags(flags, 'output', 'events', 'firstEvent', 'seed', 'schedule', 'python', 'memory'),
    ...givenFlags(flags, 'onFailure', 'resume', 'force', 'keepWorkers', 'keepLogs'),
    ...(dir !== undefined && { directory: dir }),
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
    ...(backend === 'slurm' && { slurm: { options: (slurmOptions ?? []).join(' '), ...givenFlags(flags, 'fanIn') } }),
    noMerge: merge === false,
    merge: givenFlags(flags, 'compression', 'verify', 'timestamp'),
  };
}

function tell(report: JobReport, flags: RunFlags): void {
  if (flags.quiet !== true) {
    for (const { message } of report.failures) console.error(failureText(message));
    for (const diagnostic of report.diagnostics) console.error(warningLine(diagnostic));
    if (flags.json === '-') console.error(jobSummary(report));
    else console.log(jobSummary(report));
  }
  writeReport(flags.json, [jsonText(report)]);
}

watchStandardStreams(EXIT.failed);
void run(process.argv.slice(2)).then(setExitCode);
