/** What becomes of an object of HDF5 files. */
import type { Conflict } from '../../errors.ts';
import type { Hdf5Kind, Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import type { Hdf5Extent } from '../../io/hdf5/hdf5-library.ts';
import { typeText } from '../../io/hdf5/hdf5-types.ts';
import type { Hdf5Input } from './hdf5-input.ts';
import type { RowCountAttribute } from './row-counts.ts';

/** keep: as the first input that has it; concat: rows joined; sum: elements added. */
export type ObjectRule = 'keep' | 'concat' | 'sum';

/** An object in one input. */
export interface ObjectPart {
  input: Hdf5Input;
  object: Hdf5Object;
}

/** An object of the output. */
export interface ObjectPlan {
  path: string;
  kind: Hdf5Kind;
  rule: ObjectRule;
  first: ObjectPart;
  /** In the order of the inputs; one per input that has it. */
  parts: ObjectPart[];
  isRefused: boolean;
}

/** A dataset of the output. */
export interface DatasetPlan extends ObjectPlan {
  extent: Hdf5Extent;
  rowCount: number;
}

/** Everything, parents first. */
export interface ObjectsPlan {
  objects: ObjectPlan[];
  conflicts: Conflict[];
}

/** True for a dataset. */
export function isDataset(plan: ObjectPlan): plan is DatasetPlan {
  return 'extent' in plan;
}

/** The attribute that repeats how many rows there are, of an object whose rows are joined. */
export function rowCountOf({ path, rule, first }: Pick<ObjectPlan, 'path' | 'rule' | 'first'>): RowCountAttribute | undefined {
  return rule === 'concat' ? first.input.conventions.rowCounts.get(path) : undefined;
}

/** Something that does not fit. */
export interface Problem {
  code: string;
  reason: string;
  input?: Hdf5Input;
}

/** Adds a conflict. */
export function refuse(plan: ObjectsPlan, object: ObjectPlan, { code, reason, input }: Problem): void {
  object.isRefused = true;
  plan.conflicts.push({ path: object.path, className: classOf(object), file: input?.path ?? '', code, reason });
}

/** What a report calls the class of an object: the type of a dataset's elements. */
export function classOf(object: ObjectPlan): string {
  return isDataset(object) ? typeText(object.extent) : object.kind;
}
