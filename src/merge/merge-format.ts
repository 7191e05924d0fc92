/** The five steps of a merge for the formats beside ROOT: open, plan, execute, verify, commit. */
import type { Diagnostics } from '../diagnostics.ts';
import { MergeConflictError, UsageError, VerificationError, addContext } from '../errors.ts';
import { FORMAT_NAMES } from '../io/bytes/file-format.ts';
import { createSink } from '../io/bytes/sink.ts';
import { arrowMerger } from './arrow/arrow-merger.ts';
import { inputDiagnostics, refuseNothingLeft, retryWithoutBad, withExisting, type Attempt } from './attempt.ts';
import type { FormatInput, FormatMerger, FormatPlan } from './format-merger.ts';
import { hdf5Merger } from './hdf5/hdf5-merger.ts';
import type { MergeFormat } from './input-format.ts';
import type { MergeOptions, PlanOptions } from './merge-options.ts';
import { openEach, type OpenFiles } from './open-inputs.ts';
import type { MergePolicy } from './policy.ts';
import { Progress } from './progress.ts';
import { DISPOSITIONS } from './plan/plan.ts';
import { inputReports, type MergeReport, type PlanReport, type TotalsReport } from './report/report.ts';

/** Merges files of a format; see `merge`. */
export async function mergeFormat(
  format: Exclude<MergeFormat, 'root'>,
  inputs: readonly string[],
  options: MergeOptions,
  policy: MergePolicy,
): Promise<MergeReport> {
  return format === 'arrow' ? mergeBy(arrowMerger, inputs, options, policy) : mergeBy(hdf5Merger, inputs, options, policy);
}

/** Plans a merge of files of a format; see `planMerge`. */
export async function planFormat(
  format: Exclude<MergeFormat, 'root'>,
  inputs: readonly string[],
  options: PlanOptions,
  policy: MergePolicy,
): Promise<PlanReport> {
  return format === 'arrow' ? planBy(arrowMerger, inputs, options, policy) : planBy(hdf5Merger, inputs, options, policy);
}

async function mergeBy<I extends FormatInput>(
  merger: FormatMerger<I>,
  inputs: readonly string[],
  options: MergeOptions,
  policy: MergePolicy,
): Promise<MergeReport> {
  refuseUnusable(merger, options);
  return retryWithoutBad(withExisting(inputs, options), policy, (attempt) =>
    withPlan(merger, attempt, { options, policy }, (planned, progress) => mergePlanned(planned, options, policy, progress)),
  );
}

async function planBy<I extends FormatInput>(
  merger: FormatMerger<I>,
  inputs: readonly string[],
  options: PlanOptions,
  policy: MergePolicy,
): Promise<PlanReport> {
  refuseUnusable(merger, options);
  return retryWithoutBad(withExisting(inputs, options), policy, (attempt) =>
    withPlan(merger, attempt, { options, policy }, (planned) => ({ schemaVersion: 1, kind: 'plan', ...body(planned) })),
  );
}

function refuseUnusable<I extends FormatInput>({ format, unusable }: FormatMerger<I>, options: PlanOptions): void {
  const given = unusable.find(
    (name) => options[name] !== undefined && options[name] !== false && !(name === 'compression' && options[name] === 'keep'),
  );
  if (given !== undefined) throw new UsageError(`option ${given} has no meaning for ${FORMAT_NAMES[format]} files`);
}

/** What the caller asked for. */
interface Call {
  options: PlanOptions;
  policy: MergePolicy;
}

/** Inputs that are open, what is planned for them, and what a report says of both. */
interface Planned<I> {
  attempt: Attempt;
  open: OpenFiles<I>;
  plan: FormatPlan;
  diagnostics: Diagnostics;
}

/** Opens the inputs and plans, then calls `then`; the inputs are closed at its end. */
async function withPlan<I extends FormatInput, R>(
  merger: FormatMerger<I>,
  attempt: Attempt,
  { options, policy }: Call,
  then: (planned: Planned<I>, progress: Progress) => R | Promise<R>,
): Promise<R> {
  const progress = new Progress(options.onProgress, options.signal);
  const diagnostics = inputDiagnostics(attempt.all);
  const opener = { open: (path: string) => merger.open(path), close: (file: I) => file.close() };
  using open = await openEach(attempt.paths, opener, policy, progress);
  refuseNothingLeft(open);
  progress.begin('plan', open.files.length);
  const plan = await merger.plan(open.files, { policy, output: options.output, diagnostics });
  return await then({ attempt, open, plan, diagnostics }, progress);
}

async function mergePlanned<I extends FormatInput>(
  planned: Planned<I>,
  options: MergeOptions,
  policy: MergePolicy,
  progress: Progress,
): Promise<MergeReport> {
  const { plan } = planned;
  if (plan.conflicts.length > 0) throw new MergeConflictError(plan.conflicts);
  const { force, append } = options;
  using sink = createSink(options.output, { force: force === true || append === true, keepMode: append === true });
  progress.begin('execute', plan.inputBytes);
  await plan.execute(sink, progress);
  sink.flush();
  const verified = await verify(plan, sink.tempPath, policy, progress);
  await options.check?.(sink.tempPath);
  progress.begin('commit', 1);
  progress.throwIfAborted();
  const sizeBytes = sink.position;
  sink.commit();
  return {
    schemaVersion: 1,
    kind: 'merge',
    ...body(planned),
    output: { path: options.output, sizeBytes },
    verified: { level: policy.verify, ...verified },
  };
}

async function verify(
  plan: FormatPlan,
  path: string,
  policy: MergePolicy,
  progress: Progress,
): Promise<{ records: number; objects: number }> {
  if (policy.verify === 'none') return { records: 0, objects: 0 };
  progress.begin('verify', 1);
  try {
    return await plan.verify(path, policy.verify, progress);
  } catch (err) {
    if (err instanceof VerificationError) throw addContext(err, { file: path });
    if (err instanceof Error && 'file' in err && err.file === path) {
      throw new VerificationError(`the result cannot be read: ${err.message}`, { file: path, cause: err });
    }
    throw err;
  }
}

function body<I extends FormatInput>({
  plan,
  attempt,
  open,
  diagnostics,
}: Planned<I>): Pick<PlanReport, 'inputs' | 'totals' | 'targets' | 'conflicts' | 'diagnostics'> {
  const inputs = inputReports(attempt.all, open.files, [...open.skipped, ...attempt.bad]);
  const sum = (count: (target: FormatPlan['targets'][number]) => number | undefined): number =>
    plan.targets.reduce((total, target) => total + (count(target) ?? 0), 0);
  const counts = DISPOSITIONS.map((name) => [name, plan.targets.filter(({ disposition }) => disposition === name).length] as const);
  const totals: TotalsReport = {
    inputs: open.files.length,
    inputBytes: open.files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
    directories: plan.directories,
    targets: plan.targets.length,
    dispositions: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    entries: sum(({ entries }) => entries),
    bytesCopied: sum(({ bytesCopied }) => bytesCopied),
    bytesEncoded: sum(({ bytesEncoded }) => bytesEncoded),
  };
  return { inputs, totals, targets: plan.targets, conflicts: plan.conflicts, diagnostics: diagnostics.list() };
}
