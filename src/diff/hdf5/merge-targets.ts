/** Objects that a merge of HDF5 files must have made, by the path in its inputs, and by which rule. */
import { pathFilter, type PathFilter } from '../../path-filter.ts';
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import type { DiffOptions } from '../diff-report.ts';
import type { DifferenceList } from '../object/difference.ts';
import type { ValueTally } from '../table/cells.ts';
import type { Hdf5Side } from './hdf5-side.ts';
import type { RowConventions, RowCount } from './row-conventions.ts';

/** An input. */
export interface MergeInput {
  side: Hdf5Side;
  conventions: RowConventions;
}

/** keep: equal in all inputs, a group, a link or a single value; once: the same for rows; join: rows one after another; sum: added. */
export type MergeRule = 'keep' | 'once' | 'join' | 'sum';

/** An object of one input, and where its rows go. */
export interface MergePart {
  input: MergeInput;
  object: Hdf5Object;
  /** Row of the merged dataset at which its rows begin. */
  firstRow: number;
  rowCount: number;
}

/** An object of the merged file, of its inputs, or of both. */
export interface MergeTarget {
  path: string;
  out: Hdf5Object | undefined;
  /** In the order of the inputs. */
  parts: readonly MergePart[];
  rule: MergeRule;
  /** Why a dataset with rows is there once; empty for others. */
  because: string;
  /** Attributes that must tell the number of all rows. */
  rowCount: RowCount | undefined;
  differences: DifferenceList;
  tally: ValueTally;
  notes: string[];
  /** Differences that are losses, and nothing else: a value that only a later input had. */
  lossCount: number;
  /** Attributes that are not those of the first input, `value` where the values are not: others are not compared then. */
  wrong: Set<string>;
  /** Joined rows that are too few; below 0: too many. */
  missingRows: number;
  isUnjudged: boolean;
  /** True where values are held against those of the inputs. */
  areValuesCompared: boolean;
}

/** Rules that were asked for. */
export class AskedRules {
  readonly #sum: PathFilter;
  readonly #once: PathFilter;
  readonly #has: Readonly<Record<'sum' | 'once', boolean>>;
  /** True where attributes and single values are those of the first input, whatever the others have. */
  readonly keepsFirst: boolean;

  constructor({ sum = [], once = [], differing }: Pick<DiffOptions, 'sum' | 'once' | 'differing'>) {
    this.#sum = pathFilter(sum, []);
    this.#once = pathFilter(once, []);
    this.#has = { sum: sum.length > 0, once: once.length > 0 };
    this.keepsFirst = differing === 'first';
  }

  /** The rule of an object, and for what is there once the reason. */
  ruleOf(path: string, parts: readonly Pick<MergePart, 'input' | 'object'>[]): { rule: MergeRule; because: string } {
    const extent = parts[0]?.object.extent;
    if (extent === undefined) return { rule: 'keep', because: '' };
    const rows: MergeRule = isScalar(extent) ? 'keep' : 'once';
    if (this.#has.once && this.#once.accepts(path)) return { rule: rows, because: '--once asks for it' };
    if (this.#has.sum && this.#sum.accepts(path)) return { rule: parts.length === 1 ? rows : 'sum', because: '' };
    const because = parts.map(({ input }) => input.conventions.once.get(path)).find((reason) => reason !== undefined);
    if (because !== undefined) return { rule: rows, because };
    return { rule: isScalar(extent) ? 'keep' : 'join', because: '' };
  }
}

/** The parts of an object in the order of the inputs, with the places of their rows where these are joined. */
export function partsAt(path: string, inputs: readonly MergeInput[]): MergePart[] {
  let firstRow = 0;
  return inputs.flatMap((input) => {
    const object = input.side.objects.get(path);
    if (object === undefined) return [];
    const rowCount = object.extent === undefined ? 0 : rowsOf(object.extent);
    firstRow += rowCount;
    return [{ input, object, firstRow: firstRow - rowCount, rowCount }];
  });
}

/** Number of rows that all parts have together. */
export function joinedRows(parts: readonly MergePart[]): number {
  return parts.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
