/** What a caller wants changed in one RNTuple of the output, beyond joining it: values of columns, one for one. */
import type { ColumnValues } from '../io/root/rntuple/pages.ts';

/** New values of all elements of a column of one input, in order and as many as it has, by its column id. */
export type NewColumns = ReadonlyMap<number, ColumnValues>;

/** Changes of one RNTuple, by input index. */
export type TupleChanges = ReadonlyMap<number, NewColumns>;
