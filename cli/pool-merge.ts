/** `pool-merge [options] INPUT... -o OUTPUT`: arguments to options, report to text, outcome to exit code. */
import {
  UsageError,
  checkReportPath,
  expandInputs,
  jobMerges,
  merge,
  planMerge,
  reportChunks,
  type JobMerge,
  type MergeReport,
  type PlanOptions,
  type PlanReport,
} from '../src/index.ts';
import { checkAgainst, refuseUncheckable } from './check-candidate.ts';
import { givenFlags } from './flag-values.ts';
import { parseMergeCommandLine, type MergeFlags, type MergeInvocation } from './merge-flags.ts';
import { EXIT, exitCodeOfError, exitCodeOfReport, setExitCode } from './outcome.ts';
import { startProgressBar } from './progress-bar.ts';
import { mergeSummary, planText, targetTable } from './merge-render.ts';
import { printable, warningLine } from './text-pieces.ts';
import { watchSignals, type Interruption } from './signals.ts';
import { tellFailure, watchStandardStreams, writeReport } from './standard-streams.ts';

/** Where JSON goes: nowhere, to a file, or to standard output (`-`). */
type JsonPlace = string | undefined;

async function run(argv: readonly string[]): Promise<number> {
  const interruption = watchSignals();
  let json: JsonPlace;
  try {
    const invocation = parseMergeCommandLine(argv);
    if (invocation === undefined) return EXIT.merged;
    const { flags } = invocation;
    const ofJob = jobOf(invocation);
    if (ofJob !== undefined) return await mergeJob(ofJob, flags, interruption);
    const inputs = await checkedInputs(invocation);
    json = flags.json; // only now: a report must not go where it was refused
    const report = await work(inputs, flags, interruption);
    return exitCodeOfReport(report);
  } catch (err) {
    tellFailure(err, 'pool-merge', json);
    return exitCodeOfError(err, interruption.name());
  }
}

/** The merges of a job directory when that is the only input; undefined otherwise. */
function jobOf({ inputs, flags }: MergeInvocation): JobMerge[] | undefined {
  const [path] = inputs;
  return path === undefined || inputs.length > 1 || flags.output === undefined ? undefined : jobMerges(path, flags.output);
}

/** Merges what the workers of a job wrote, name by name; the worst outcome counts. */
async function mergeJob(merges: readonly JobMerge[], flags: MergeFlags, interruption: Interruption): Promise<number> {
  if (flags.json !== undefined && merges.length > 1) {
    throw new UsageError(`a job with ${merges.length} outputs gives as many reports: --json cannot hold them`);
  }
  let code: number = EXIT.merged;
  for (const { inputs, output } of merges) {
    const files = await checkedInputs({ inputs, flags });
    code = Math.max(code, exitCodeOfReport(await work(files, { ...flags, output }, interruption)));
  }
  return code;
}

/** Checks what can be checked before a file is opened; returns the expanded inputs. */
async function checkedInputs({ inputs, flags }: MergeInvocation): Promise<string[]> {
  if (inputs.length === 0) throw new UsageError('no input given: pool-merge INPUT... -o OUTPUT');
  if (flags.output === undefined && flags.dryRun !== true) {
    throw new UsageError(
      `no output given: add -o OUTPUT, for example: pool-merge ${inputs.slice(0, 2).join(' ')}${inputs.length > 2 ? ' ...' : ''} -o merged.root`,
    );
  }
  if (flags.quiet === true && flags.verbose === true) throw new UsageError('--quiet and --verbose exclude each other');
  if (flags.check === true) refuseUncheckable(flags);
  const files = await expandInputs(inputs);
  if (flags.json !== undefined && flags.json !== '-') {
    checkReportPath(flags.json, [...files, ...[flags.output, flags.catalog].filter((path) => path !== undefined)]);
  }
  return files;
}

async function work(inputs: readonly string[], flags: MergeFlags, interruption: Interruption): Promise<MergeReport | PlanReport> {
  const start = performance.now();
  const bar = flags.quiet === true ? undefined : startProgressBar(process.stderr);
  const options = optionsOf(flags, interruption, bar?.listener);
  try {
    if (flags.dryRun === true || flags.output === undefined) {
      const plan = await planMerge(inputs, options);
      bar?.clear();
      tell(plan, flags, planText(plan, flags.verbose === true));
      return plan;
    }
    const { output, verify } = flags;
    const report = await merge(inputs, {
      ...options,
      output,
      ...(verify !== undefined && { verify }),
      ...(flags.check === true && { check: checkAgainst(inputs, options) }),
    });
    bar?.clear();
    const listing = flags.verbose === true ? targetTable(report, true) : [];
    tell(report, flags, [...listing, printable(mergeSummary(report, (performance.now() - start) / 1000))].join('\n'));
    return report;
  } finally {
    bar?.clear();
  }
}

function optionsOf(flags: MergeFlags, interruption: Interruption, onProgress: PlanOptions['onProgress']): PlanOptions {
  return {
    signal: interruption.signal,
    ...(onProgress !== undefined && { onProgress }),
    ...givenFlags(flags, 'output', 'force', 'append', 'skipBad', 'include', 'exclude', 'keepEqualCopies', 'compression', 'timestamp'),
    ...givenFlags(flags, 'fid', 'catalog', 'metadata', 'sum', 'once', 'differing'),
  };
}

/** Warnings to standard error, text to standard output (to standard error when JSON has that), JSON to its place. */
function tell(report: MergeReport | PlanReport, flags: MergeFlags, text: string): void {
  if (flags.quiet !== true) {
    for (const { path, reason } of report.inputs.filter(({ status }) => status === 'skipped')) {
      console.error(warningLine({ code: 'input-skipped', file: path, message: `skipped: ${reason}` }));
    }
    for (const diagnostic of report.diagnostics) console.error(warningLine(diagnostic));
    if (flags.json === '-') console.error(text);
    else console.log(text);
  }
  writeReport(flags.json, reportChunks(report));
}

watchStandardStreams(EXIT.failed);
void run(process.argv.slice(2)).then(setExitCode);
