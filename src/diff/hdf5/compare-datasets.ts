/** What must be equal of two datasets before their values can be compared, and whether these can be read. */
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { KNOWN_FILTERS, typeText } from '../../io/hdf5/hdf5-types.ts';
import type { DatasetIn } from './compare-rows.ts';

/** A dataset as its file describes it. */
export interface DescribedDataset extends DatasetIn {
  object: Hdf5Object;
}

/** What a report calls an object: the type of a dataset's elements, or what it is. */
export function classOf({ kind, extent }: Hdf5Object): string {
  return extent === undefined ? kind : typeText(extent);
}

/** Types of two datasets as texts, where they differ. */
export function typesThatDiffer(left: DatasetIn, right: DatasetIn): [string, string] | undefined {
  const pairs: readonly [string, string][] = [
    [typeText(left.extent), typeText(right.extent)],
    [left.side.typeOf(left.path, left.extent), right.side.typeOf(right.path, right.extent)],
  ];
  return pairs.find(([a, b]) => a !== b);
}

/** True when rows of both hold as many elements, dimension by dimension; single values are no rows. */
export function haveEqualRows({ extent: { shape: a } }: DatasetIn, { extent: { shape: b } }: DatasetIn): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.slice(1).every((length, i) => length === b[i + 1]);
}

/** Why the values of a dataset cannot be compared; undefined where they can. */
export function whyNotRead({ side, object, extent }: DescribedDataset): string | undefined {
  const unknown = object.filters.find(({ id }) => !KNOWN_FILTERS.includes(id));
  if (unknown !== undefined) {
    return `values are not compared: in ${side.path} they are compressed by a filter that is not built in: ${`${unknown.id} ${unknown.name}`.trim()}`;
  }
  return extent.virtual_sources === undefined
    ? undefined
    : `values are not compared: in ${side.path} the dataset is virtual, they lie in others`;
}
