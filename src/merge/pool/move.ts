/** Where references of an input lead in the merged file, container by container. */
import { CorruptFileError } from '../../errors.ts';
import type { Container } from '../../io/pool/containers.ts';
import type { Target } from '../../io/pool/resolve.ts';
import type { WordChanges } from './index-words.ts';

/**
 * Where the references to one container of one file go. The file they name is an input, or a file that was merged into an
 * input earlier (its ancestor): references to ancestors are moved twice at once, into the input and from there.
 */
export interface Move {
  /** The container in the input. */
  target: Target;
  /** Link id in the merged file. */
  oid1: bigint;
  /** Added to row numbers of the named file. */
  shift: number;
  /** The part of `shift` that leads into the input: 0 unless the reference names an ancestor of it. */
  inputShift: number;
  /** What was replaced in index_ref values when an ancestor was merged into the input. */
  inputWords: WordChanges | undefined;
  /** Row numbers below this exist in the named file. */
  rowCount: number;
  /** True where OID.second is an index_ref value. */
  byIndex: boolean;
  /** Equal for moves that hold for the same rows and move them alike, as those of the containers of one tree mostly do. */
  space: number;
}

/** Throws CorruptFileError when a reference of the header in a row of a container leads to another row of it. */
export function checkSelf(move: Move | undefined, container: Container, oid2: bigint, row: number): void {
  if (move === undefined || move.target.container !== container) return;
  const { contents, firstRow } = move.target;
  const { containers } = contents;
  const isByIndex = move.byIndex && containers.hasIndex(container, oid2);
  const [found, own] = isByIndex ? [oid2, containers.indexOf(container, row)] : [oid2 + BigInt(firstRow + move.inputShift), BigInt(row)];
  if (found !== own) {
    throw new CorruptFileError("the header's reference to itself leads to another row", { expected: String(own), found: found.toString() });
  }
}
