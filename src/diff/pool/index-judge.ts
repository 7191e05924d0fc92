/**
 * index_ref values: each must be there once, and be that of the row it comes from; the upper half, the process id of the
 * writer, may be replaced where two files have the same, but then for all rows of that file. That references follow is
 * seen where they are.
 */
import type { DifferenceList } from '../object/difference.ts';
import type { SourceRow } from './pool-sides.ts';

const HALF = 32n;

/** Judges the values of one tree or RNTuple. */
export class IndexJudge {
  /** By number of the file a row comes from and upper half there: upper half here. */
  readonly #words = new Map<string, bigint>();

  /** Values of the left side, and of each file on the right; `sources`: where each row of the left side comes from. */
  judge(
    left: readonly bigint[],
    right: readonly (readonly bigint[])[],
    sources: readonly (SourceRow | undefined)[],
    differences: DifferenceList,
  ): void {
    const rows = new Map<bigint, number>();
    const isRepeated = right.some((values) => new Set(values).size < values.length);
    left.forEach((value, row) => {
      const first = rows.get(value);
      if (first !== undefined && !isRepeated) {
        differences.add(`index_ref[${row}]`, `${hex(value)}, which is that of row ${first}`, 'a value of its own');
      }
      rows.set(value, first ?? row);
      const source = sources[row];
      const their = source && right[source.source]?.[source.row];
      if (source !== undefined && their !== undefined) this.#judgeValue(row, value, their, source.source, differences);
    });
    const expected = right.reduce((sum, { length }) => sum + length, 0);
    if (left.length < expected) differences.add('entries of branch index_ref', left.length, expected);
  }

  #judgeValue(row: number, our: bigint, their: bigint, source: number, differences: DifferenceList): void {
    const [word, theirWord] = [our >> HALF, their >> HALF];
    const key = `${source} ${theirWord}`;
    const known = this.#words.get(key);
    if (known === undefined) this.#words.set(key, word);
    const expected = ((known ?? word) << HALF) | BigInt.asUintN(32, their);
    if (our !== expected) differences.add(`index_ref[${row}]`, hex(our), hex(expected));
  }
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16).toUpperCase()}`;
}
