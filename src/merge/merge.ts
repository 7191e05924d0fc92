/** The five steps of a merge: open, plan, execute, verify, commit. */
import type { Diagnostics } from '../diagnostics.ts';
import { MergeConflictError, isPoolMergeError } from '../errors.ts';
import { createSink } from '../io/bytes/sink.ts';
import { checkCall, inputDiagnostics, refuseNothingLeft, retryWithoutBad, withExisting, type Attempt } from './attempt.ts';
import { checkEntry, commitEntry, stageEntry } from './catalog-entry.ts';
import { refuseHdf5Options, refusePoolOptions, resolvePolicy } from './checked-options.ts';
import { refuseDamagedCopies } from './damaged-copies.ts';
import { executePlan } from './execute.ts';
import { inputFormat } from './input-format.ts';
import { mergeFormat, planFormat } from './merge-format.ts';
import type { MergeOptions, PlanOptions } from './merge-options.ts';
import { openInputs, type OpenInputs } from './open-inputs.ts';
import { planFiles, type PlannedMerge } from './plan-merge.ts';
import type { MergePolicy } from './policy.ts';
import { Progress } from './progress.ts';
import { inputReports, mergeReport, planReport, type InputReport, type MergeReport, type PlanReport } from './report/report.ts';
import { verifyOutput, type Expected, type Verified } from './verify.ts';

/**
 * Merges ROOT files into one, or files of another format (input-format.ts). All or nothing: the output appears (by
 * rename) only after it was re-opened and agreed with the plan; on any error nothing is left behind.
 *
 * @throws UsageError, UnreadableFileError, CorruptFileError, UnsupportedError, MergeConflictError
 *   (with all conflicts), OutputError, VerificationError, AbortedError
 */
export async function merge(inputs: readonly string[], options: MergeOptions): Promise<MergeReport> {
  checkCall(inputs, options);
  const policy = resolvePolicy(options);
  const format = inputFormat(withExisting(inputs, options));
  if (format !== 'root') return mergeFormat(format, inputs, options, policy);
  refuseHdf5Options(options);
  await checkEntry(options);
  return retryWithoutBad(withExisting(inputs, options), policy, (attempt) =>
    mergeOnce(attempt, { ...options, ...(options.append === true && { force: true }) }, policy),
  );
}

/** Plans a merge and reads what executing would read to find conflicts; writes nothing. This is what `--dry-run` prints. */
export async function planMerge(inputs: readonly string[], options: PlanOptions = {}): Promise<PlanReport> {
  checkCall(inputs, options);
  const policy = resolvePolicy(options);
  const format = inputFormat(withExisting(inputs, options));
  if (format !== 'root') return planFormat(format, inputs, options, policy);
  refuseHdf5Options(options);
  await checkEntry(options);
  return retryWithoutBad(withExisting(inputs, options), policy, (attempt) => planOnce(attempt, options, policy));
}

async function mergeOnce(attempt: Attempt, options: MergeOptions, policy: MergePolicy): Promise<MergeReport> {
  const progress = new Progress(options.onProgress, options.signal);
  const diagnostics = inputDiagnostics(attempt.all);
  using open = await openInputs(attempt.paths, policy, progress);
  refuseNothingLeft(open);
  const { plan, works, pool } = await planAll(open, policy, diagnostics, progress);
  if (plan.conflicts.length > 0) throw new MergeConflictError(plan.conflicts);
  if (pool === undefined) refusePoolOptions(options);
  using sink = createSink(options.output, { force: options.force === true, keepMode: options.append === true });
  const written = await executePlan({ plan, policy, diagnostics, works, infos: open.infos, progress }, sink);
  const verified = await verifyCandidate(sink.tempPath, { plan, written, infos: open.infos }, policy, progress);
  await options.check?.(sink.tempPath);
  progress.begin('commit', 1);
  progress.throwIfAborted();
  using entry =
    options.catalog === undefined || pool === undefined ? undefined : await stageEntry(options.catalog, pool.fid, options.output);
  sink.commit();
  if (entry !== undefined) commitEntry(entry, options.output);
  return mergeReport(plan, reportInputs(attempt, open), diagnostics.list(), {
    outcomes: written.outcomes,
    output: { path: options.output, sizeBytes: written.sizeBytes, ...(pool !== undefined && { fid: pool.fid }) },
    verified: { level: policy.verify, ...verified },
  });
}

/** What fails because it was so in an input is told of that input, which may then be skipped. */
async function verifyCandidate(path: string, expected: Expected, policy: MergePolicy, progress: Progress): Promise<Verified> {
  try {
    return await verifyOutput(path, expected, policy, progress);
  } catch (err) {
    if (policy.verify === 'full' && isPoolMergeError(err, 'VERIFICATION')) refuseDamagedCopies(expected.plan);
    throw err;
  }
}

async function planOnce(attempt: Attempt, options: PlanOptions, policy: MergePolicy): Promise<PlanReport> {
  const progress = new Progress(options.onProgress, options.signal);
  const diagnostics = inputDiagnostics(attempt.all);
  using open = await openInputs(attempt.paths, policy, progress);
  refuseNothingLeft(open);
  const planned = await planAll(open, policy, diagnostics, progress);
  if (planned.plan.conflicts.length === 0 && planned.pool === undefined) refusePoolOptions(options);
  if (planned.plan.conflicts.length === 0) await checkAll(planned, policy, diagnostics);
  return planReport(planned.plan, reportInputs(attempt, open), diagnostics.list());
}

function reportInputs({ all, bad }: Attempt, open: OpenInputs): InputReport[] {
  return inputReports(
    all,
    open.files.map(({ file }) => file.source),
    [...open.skipped, ...bad],
  );
}

/** Plans all families; a plan with conflicts is checked further, so that all conflicts are named at once. */
async function planAll(open: OpenInputs, policy: MergePolicy, diagnostics: Diagnostics, progress: Progress): Promise<PlannedMerge> {
  progress.begin('plan', open.files.length);
  const planned = planFiles(open.files, policy, diagnostics);
  if (planned.plan.conflicts.length > 0) await checkAll(planned, policy, diagnostics);
  return planned;
}

async function checkAll({ plan, works }: PlannedMerge, policy: MergePolicy, diagnostics: Diagnostics): Promise<void> {
  for (const work of works) await work.check?.({ plan, policy, diagnostics });
}
