/**
 * What a family of classes implements to be merged. The order is fixed: `plan` for all families
 * (metadata only, nothing written), then `execute` for all families.
 */
import type { Diagnostics } from '../diagnostics.ts';
import { InternalError } from '../errors.ts';
import type { OutputDirectory, RootFileWriter } from '../io/root/root-file-writer.ts';
import type { InfoSet } from '../io/root/streamer/info-set.ts';
import type { Family, MergePlan } from './plan/plan.ts';
import type { MergePolicy } from './policy.ts';
import type { Progress } from './progress.ts';
import type { TargetOutcomes } from './report/report.ts';
import type { TreeChanges } from './tree-changes.ts';
import type { TupleChanges } from './tuple-changes.ts';

/** What planning may use. */
export interface PlanContext {
  plan: MergePlan;
  policy: MergePolicy;
  diagnostics: Diagnostics;
  /** What is changed in trees beyond joining them, by target. */
  treeChanges?: ReadonlyMap<number, TreeChanges>;
  /** The same for RNTuples. */
  tupleChanges?: ReadonlyMap<number, TupleChanges>;
  /** The layouts readers of the output go by, where inputs describe a version of a class differently. */
  readerInfos?: InfoSet;
}

/** What executing may use. */
export interface ExecuteContext extends PlanContext {
  writer: RootFileWriter;
  /** Output directory by index into `plan.directories`. */
  directories: readonly OutputDirectory[];
  outcomes: TargetOutcomes;
  progress: Progress;
}

/** The directory of the output that lists a target. */
export function outputDirectory({ plan, directories }: Pick<ExecuteContext, 'plan' | 'directories'>, target: number): OutputDirectory {
  const directory = directories[plan.targets.directory.at(target)];
  if (directory === undefined) throw new InternalError(`no output directory for ${plan.path(target)}`);
  return directory;
}

/** Work of one family that was planned and can be executed. */
export interface PlannedWork {
  readonly family: Family;
  /** Bytes of input records this work reads; what progress counts. */
  readonly inputBytes: number;
  /** Writes the records of its targets and lists them in their slots; sets their outcomes. */
  execute(ctx: ExecuteContext): Promise<void>;
  /**
   * Reads what only executing would read and adds conflicts to the plan (axes of histograms),
   * writing nothing. For dry runs, and so that a refused merge names all its conflicts at once.
   */
  check?(ctx: PlanContext): Promise<void>;
}

/** A family's entry in the table of mergers. */
export interface Merger {
  readonly family: Family;
  /** True for a target that is of this family by its contents, where its class name does not tell (family `other`). */
  claims?(target: number, plan: MergePlan): boolean;
  /**
   * Plans all targets of the family (those not refused). Sets dispositions and the number of key
   * slots, adds conflicts with `plan.refuse` (all of them), returns the work.
   */
  plan(targets: readonly number[], ctx: PlanContext): PlannedWork;
}
