/** `pool-diff [options] FILE FILE` and `pool-diff --merged FILE INPUT...`: compares files, and merges with their inputs. */
import {
  DEFAULT_MAX_PLOTS,
  UsageError,
  checkReportPath,
  diffFiles,
  diffMerged,
  expandInputs,
  htmlReport,
  type DiffOptions,
  type DiffReport,
} from '../src/index.ts';
import { parseDiffCommandLine, type DiffFlags } from './diff-flags.ts';
import { diffText, junitXml } from './diff-render.ts';
import { givenFlags } from './flag-values.ts';
import { DIFF_EXIT, exitCodeOfDiff, exitCodeOfDiffError, setExitCode } from './outcome.ts';
import { startProgressBar } from './progress-bar.ts';
import { watchSignals } from './signals.ts';
import { jsonText, tellError, watchStandardStreams, writeReport } from './standard-streams.ts';

async function run(argv: readonly string[]): Promise<number> {
  const interruption = watchSignals();
  try {
    const invocation = parseDiffCommandLine(argv);
    if (invocation === undefined) return DIFF_EXIT.same;
    const { inputs, flags } = invocation;
    const files = await checkedFiles(inputs, flags);
    const start = performance.now();
    const report = await compare(files, flags, interruption.signal);
    tell(report, flags, (performance.now() - start) / 1000);
    return exitCodeOfDiff(report);
  } catch (err) {
    tellError(err, 'pool-diff');
    return exitCodeOfDiffError(err, interruption.name());
  }
}

async function checkedFiles(inputs: readonly string[], flags: DiffFlags): Promise<string[]> {
  if (inputs.length === 0) {
    throw new UsageError(
      flags.merged === undefined ? 'no files given: pool-diff FILE FILE' : 'no inputs given: pool-diff --merged FILE INPUT...',
    );
  }
  const files = await expandInputs(inputs);
  if (flags.merged === undefined && files.length !== 2) {
    throw new UsageError(`two files are compared, not ${files.length}; a merged file with its inputs: pool-diff --merged FILE INPUT...`);
  }
  if (flags.metadata !== undefined && flags.merged === undefined) throw new UsageError('--metadata is of use with --merged only');
  if (flags.quiet === true && flags.verbose === true) throw new UsageError('--quiet and --verbose exclude each other');
  if (flags.html === undefined && (flags.interactive !== undefined || flags.maxPlots !== undefined)) {
    throw new UsageError('--interactive and --max-plots are of use with --html only');
  }
  checkPlaces(
    [flags.json, flags.junit, flags.html].filter((place) => place !== undefined),
    flags.merged === undefined ? files : [flags.merged, ...files],
  );
  return files;
}

/** Refuses reports that would overwrite a file that is compared, or each other. */
function checkPlaces(places: readonly string[], files: readonly string[]): void {
  if (places.filter((place) => place === '-').length > 1) throw new UsageError('standard output can take one report only');
  for (const [i, place] of places.entries()) if (place !== '-') checkReportPath(place, [...files, ...places.slice(0, i)]);
}

async function compare(files: readonly string[], flags: DiffFlags, signal: AbortSignal): Promise<DiffReport> {
  const bar = flags.quiet === true ? undefined : startProgressBar(process.stderr);
  const options: DiffOptions = {
    signal,
    ...(bar !== undefined && { onProgress: ({ done, total }) => bar.listener({ step: 'verify', done, total }) }),
    ...givenFlags(flags, 'rel', 'abs', 'ulp', 'branches', 'entries', 'order', 'match', 'atlasDefaults', 'knownHacks', 'cycles', 'metadata'),
    ...givenFlags(flags, 'include', 'exclude', 'maxDiffs', 'threads', 'compat', 'threshold', 'flows', 'sum', 'once', 'differing'),
    ...(flags.html !== undefined && { distributions: flags.maxPlots ?? DEFAULT_MAX_PLOTS }),
  };
  try {
    return await (flags.merged === undefined
      ? diffFiles(files[0] as string, files[1] as string, options)
      : diffMerged(flags.merged, files, options));
  } finally {
    bar?.clear();
  }
}

/** Text to standard output, or to standard error when a report has that. */
function tell(report: DiffReport, flags: DiffFlags, seconds: number): void {
  if (flags.quiet !== true) {
    const text = diffText(report, seconds, flags.verbose === true);
    if ([flags.json, flags.junit, flags.html].includes('-')) console.error(text);
    else console.log(text);
  }
  const { json, junit, html } = flags;
  if (json !== undefined) writeReport(json, [jsonText(report)]);
  if (junit !== undefined) writeReport(junit, [junitXml(report)]);
  if (html !== undefined) writeReport(html, htmlReport(report, givenFlags(flags, 'maxPlots', 'interactive')));
}

watchStandardStreams(DIFF_EXIT.failed);
void run(process.argv.slice(2)).then(setExitCode);
