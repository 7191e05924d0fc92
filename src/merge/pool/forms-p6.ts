/** DataHeaderForm_p6 in the merged file: the form a header names, how it is named there, and its own row. */
import { CorruptFileError } from '../../errors.ts';
import type { Container } from '../../io/pool/containers.ts';
import type { FormReferences } from '../../io/pool/form-reference.ts';
import { FormReader } from '../../io/pool/header-rows.ts';
import { locateFormP6 } from '../../io/pool/locate-p6.ts';
import type { GuidPlace } from '../../io/pool/places.ts';
import type { RowColumns } from '../../io/pool/row-columns.ts';
import { isPlacement } from '../../io/pool/token.ts';
import { FormMovesP6 } from './p6-moves.ts';
import { patchGuid, patchNumber } from './patch-places.ts';
import type { Relocation } from './relocation.ts';

/** A form as a header names it. */
export interface NamedFormP6 {
  moves: FormMovesP6;
  /** Its token in the merged file, or a placement that says there what it said in the input. */
  token: string;
  /** OID.second that follows from a placement; undefined for a token. */
  placedAt: bigint | undefined;
}

/** The forms of one input: what headers make of them is needed when they are written themselves. */
export class FormsP6 {
  /** Most full elements a header has that got new ones. */
  largestCount = 0;
  readonly #relocation: Relocation;
  readonly #readers = new Map<string, FormReader>();
  readonly #moves = new Map<string, FormMovesP6>();

  constructor(relocation: Relocation) {
    this.#relocation = relocation;
  }

  /** The form of a row. CorruptFileError when the row holds a form of another storage version. */
  formAt(container: Container, row: number): FormMovesP6 {
    const key = `${container.name} ${row}`;
    let moves = this.#moves.get(key);
    if (moves === undefined) {
      const stored = this.readerOf(container).form(row);
      if (stored.version !== 'p6') {
        throw new CorruptFileError('form is of another storage version than its header', { expected: 'p6', found: stored.version });
      }
      moves = new FormMovesP6(stored.form, this.#relocation);
      this.#moves.set(key, moves);
    }
    return moves;
  }

  /** Reader of a container of forms. */
  readerOf(container: Container): FormReader {
    let reader = this.#readers.get(container.name);
    if (reader === undefined) {
      reader = new FormReader(container);
      this.#readers.set(container.name, reader);
    }
    return reader;
  }

  /** Lets go of the readers, each of which holds a basket; they are made again when needed. */
  release(): void {
    this.#readers.clear();
  }

  /** The form that the header of a row names by `text`, a token or a placement, and how the header in the merged file names it. */
  formOf(references: FormReferences, row: number, text: string): NamedFormP6 {
    const relocation = this.#relocation;
    if (!isPlacement(text)) {
      const form = relocation.formRowOfToken(text);
      return { moves: this.formAt(form.container, form.row), token: relocation.moveToken(text) ?? text, placedAt: undefined };
    }
    const reference = references.at(row, text);
    const form = relocation.formRowOf(reference);
    const token = atLeastAsLong(relocation.placedFormToken(reference) ?? text, text);
    return { moves: this.formAt(form.container, form.row), token, placedAt: reference.oid2 };
  }
}

/** Changes a form, after the headers that use it were moved. */
export function patchFormP6(columns: RowColumns, moves: FormMovesP6, ownFid: string): void {
  const places = locateFormP6(columns);
  const { fids, oid1 } = moves.moveForm(ownFid);
  fids.forEach((fid, i) => patchGuid(places.dbGuids[i] as GuidPlace, fid));
  oid1.forEach((id, i) => patchNumber(places.oid1, i, id));
}

/** A token with room for the placement it takes the place of: rows do not shrink. Readers do not look at what is outside of brackets. */
function atLeastAsLong(token: string, placement: string): string {
  return token + ' '.repeat(Math.max(0, Buffer.byteLength(placement) - Buffer.byteLength(token)));
}
