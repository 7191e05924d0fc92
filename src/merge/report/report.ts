/** What a merge did, per target, as columns; turned into the report on demand. Schema: docs/report.md. */
import type { Conflict } from '../../errors.ts';
import type { Diagnostic } from '../../diagnostics.ts';
import type { SkippedInput } from '../open-inputs.ts';
import { DISPOSITIONS, type Disposition, type MergePlan, type Reason } from '../plan/plan.ts';
import type { VerifyLevel } from '../policy.ts';

/** Outcome columns by target index. */
export class TargetOutcomes {
  /** Stored bytes copied without decompression. */
  readonly bytesCopied: Float64Array;
  /** Bytes of stored payloads written anew. */
  readonly bytesEncoded: Float64Array;

  constructor(count: number) {
    this.bytesCopied = new Float64Array(count);
    this.bytesEncoded = new Float64Array(count);
  }
}

/** One input as the report shows it. */
export interface InputReport {
  path: string;
  status: 'merged' | 'skipped';
  sizeBytes: number;
  /** Why it was skipped. */
  reason?: string;
}

/** One target as plan and report show it. */
export interface TargetReport {
  /** Full path without cycle. */
  path: string;
  className: string;
  disposition: Disposition;
  reason: Reason;
  /** Number of inputs that hold the object. */
  inputs: number;
  /** Number of keys (cycles) in the output. */
  cycles: number;
  /** Entries of a tree or RNTuple. */
  entries?: number;
  /** Stored bytes copied as they were; absent in a plan. */
  bytesCopied?: number;
  /** Stored bytes written anew; absent in a plan. */
  bytesEncoded?: number;
}

/** Sums over all targets. */
export interface TotalsReport {
  inputs: number;
  inputBytes: number;
  directories: number;
  targets: number;
  /** Number of targets per disposition, only those that occur. */
  dispositions: Partial<Record<Disposition, number>>;
  entries: number;
  bytesCopied: number;
  bytesEncoded: number;
}

/** What `--dry-run` shows. JSON-serialisable. */
export interface PlanReport {
  schemaVersion: 1;
  kind: 'plan';
  inputs: InputReport[];
  totals: TotalsReport;
  targets: TargetReport[];
  conflicts: Conflict[];
  diagnostics: Diagnostic[];
}

/** What a merge returns. JSON-serialisable. */
export interface MergeReport extends Omit<PlanReport, 'kind'> {
  kind: 'merge';
  /** `fid`: the GUID of the merged file, where the inputs are POOL files. */
  output: { path: string; sizeBytes: number; fid?: string };
  verified: { level: VerifyLevel; records: number; objects: number };
}

/** One target of a plan, with outcomes when it was executed. */
function reportTarget(plan: MergePlan, target: number, outcomes?: TargetOutcomes): TargetReport {
  const report: TargetReport = {
    path: plan.path(target),
    className: plan.className(target),
    disposition: plan.disposition(target),
    reason: plan.reason(target),
    inputs: plan.inputCount(target),
    cycles: plan.targets.slotCount.at(target),
  };
  const entries = plan.entries.get(target);
  if (entries !== undefined) report.entries = entries;
  if (outcomes === undefined) return report;
  report.bytesCopied = outcomes.bytesCopied[target] as number;
  report.bytesEncoded = outcomes.bytesEncoded[target] as number;
  return report;
}

/** Inputs in the order of the call, those left out with their reason. */
export function inputReports(
  order: readonly string[],
  files: readonly { sizeBytes: number }[],
  skipped: readonly SkippedInput[],
): InputReport[] {
  const left = new Map(skipped.map(({ path, reason }): [string, InputReport] => [path, { path, status: 'skipped', sizeBytes: 0, reason }]));
  let next = 0;
  return order.flatMap((path): InputReport[] => {
    const report = left.get(path);
    if (report !== undefined) return [report];
    const file = files[next++];
    return file === undefined ? [] : [{ path, status: 'merged', sizeBytes: file.sizeBytes }];
  });
}

/** What plan and merge reports share; targets are made when asked for, since there can be 10^6. */
type ReportBody = Omit<PlanReport, 'kind'>;

function reportBody(
  plan: MergePlan,
  inputs: InputReport[],
  diagnostics: Diagnostic[],
  outcomes?: TargetOutcomes,
): ReportBody & { lazyTargets: () => TargetReport[] } {
  let made: TargetReport[] | undefined;
  const lazyTargets = (): TargetReport[] => {
    made ??= Array.from({ length: plan.targets.count }, (_, target) => reportTarget(plan, target, outcomes));
    return made;
  };
  return {
    schemaVersion: 1,
    inputs,
    totals: totalsOf(plan, inputs, outcomes),
    targets: [],
    conflicts: plan.conflicts,
    diagnostics,
    lazyTargets,
  };
}

/** The report of a plan. */
export function planReport(plan: MergePlan, inputs: InputReport[], diagnostics: Diagnostic[]): PlanReport {
  const { lazyTargets, ...body } = reportBody(plan, inputs, diagnostics);
  return Object.defineProperty({ ...body, kind: 'plan' as const }, 'targets', { enumerable: true, get: lazyTargets });
}

/** The report of a merge. */
export function mergeReport(
  plan: MergePlan,
  inputs: InputReport[],
  diagnostics: Diagnostic[],
  done: { outcomes: TargetOutcomes } & Pick<MergeReport, 'output' | 'verified'>,
): MergeReport {
  const { lazyTargets, ...body } = reportBody(plan, inputs, diagnostics, done.outcomes);
  const report = { ...body, kind: 'merge' as const, output: done.output, verified: done.verified };
  return Object.defineProperty(report, 'targets', { enumerable: true, get: lazyTargets });
}

function totalsOf(plan: MergePlan, inputs: readonly InputReport[], outcomes: TargetOutcomes | undefined): TotalsReport {
  return {
    inputs: inputs.filter((input) => input.status === 'merged').length,
    inputBytes: inputs.reduce((bytes, input) => bytes + input.sizeBytes, 0),
    directories: plan.directories.filter((d) => !d.omitted).length,
    targets: plan.targets.count,
    dispositions: countDispositions(plan),
    entries: [...plan.entries.values()].reduce((sum, entries) => sum + entries, 0),
    bytesCopied: sumOf(outcomes?.bytesCopied),
    bytesEncoded: sumOf(outcomes?.bytesEncoded),
  };
}

function countDispositions(plan: MergePlan): Partial<Record<Disposition, number>> {
  const counts = new Uint32Array(DISPOSITIONS.length);
  for (let target = 0; target < plan.targets.count; target++) counts[plan.targets.disposition.at(target)]! += 1;
  return Object.fromEntries(DISPOSITIONS.map((name, i) => [name, counts[i] as number] as const).filter(([, count]) => count > 0));
}

function sumOf(column: Float64Array | undefined): number {
  let sum = 0;
  for (let i = 0; i < (column?.length ?? 0); i++) sum += column?.[i] as number;
  return sum;
}
