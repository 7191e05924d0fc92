/** What a caller wants changed in one RNTuple of the output, beyond joining it. */
import type { ColumnValues } from '../io/root/rntuple/pages.ts';

/** New values of all elements of a column of one input, in order and as many as it has, by its column id. */
export type NewColumns = ReadonlyMap<number, ColumnValues>;

/** Changes of one RNTuple. */
export interface TupleChanges {
  /** Fields that only some inputs have are zero or empty for the others, instead of a conflict; one input must have all. */
  padMissing: boolean;
  /** New values by input index. */
  values: ReadonlyMap<number, NewColumns>;
  /** Inputs that have no entry where there must be some, by index: theirs are zero or empty, behind those of earlier inputs. */
  absent?: ReadonlyMap<number, AbsentEntries>;
}

/** Entries of an input that lacks an RNTuple as a whole. */
export interface AbsentEntries {
  entryCount: number;
  /** Elements of the first column of a field by the name of that field, one per entry; undefined: zeros. */
  valuesOf: (field: string) => ColumnValues | undefined;
}
