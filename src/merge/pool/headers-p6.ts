/** DataHeader_p6 and DataHeaderForm_p6 in trees: their moved values put in place. */
import { CorruptFileError } from '../../errors.ts';
import type { Container } from '../../io/pool/containers.ts';
import { FormReader } from '../../io/pool/header-rows.ts';
import { headerP6Of, locateFormP6, locateHeaderP6 } from '../../io/pool/locate-p6.ts';
import type { GuidPlace } from '../../io/pool/places.ts';
import type { RowColumns } from '../../io/pool/row-columns.ts';
import { FormMovesP6 } from './p6-moves.ts';
import { insertFullElements, type RowInsert } from './grow-row.ts';
import { patchGuid, patchNumber, patchText } from './patch-places.ts';
import type { Relocation } from './relocation.ts';

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

  /** The form of a row. */
  formAt(container: Container, row: number): FormMovesP6 {
    const key = `${container.name} ${row}`;
    let moves = this.#moves.get(key);
    if (moves === undefined) {
      const stored = this.readerOf(container).form(row);
      if (stored.version !== 'p6') throw new CorruptFileError('form is of another storage version than its header', { expected: 'p6', found: stored.version });
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

  /** The form a header names, and the token of that form in the merged file. */
  formOf(token: string): { moves: FormMovesP6; token: string } {
    const { container, row } = this.#relocation.rowOfToken(token, 'form');
    return { moves: this.formAt(container, row), token: this.#relocation.moveToken(token) ?? token };
  }
}

/** Changes a header; returns what must be inserted. CorruptFileError when a reference of it leads nowhere. */
export function patchHeaderP6(columns: RowColumns, forms: FormsP6): RowInsert[] {
  const places = locateHeaderP6(columns);
  const header = headerP6Of(places);
  const { moves, token } = forms.formOf(header.formToken);
  const { commonOid2, fullOid2, added } = moves.moveHeader(header);
  patchNumber(places.commonOid2, 0, commonOid2);
  fullOid2.forEach((oid2, i) => patchNumber(places.fullOid2, i, oid2));
  patchText(places.formToken, token);
  if (added.length === 0) return [];
  added.forEach(({ short }, i) => patchNumber(places.shortElements, short, BigInt.asUintN(32, BigInt(-1 - (fullOid2.length + i)))));
  forms.largestCount = Math.max(forms.largestCount, fullOid2.length + added.length);
  return insertFullElements(columns, added);
}

/** Changes a form, after the headers that use it were moved. */
export function patchFormP6(columns: RowColumns, moves: FormMovesP6, ownFid: string): void {
  const places = locateFormP6(columns);
  const { fids, oid1 } = moves.moveForm(ownFid);
  fids.forEach((fid, i) => patchGuid(places.dbGuids[i] as GuidPlace, fid));
  oid1.forEach((id, i) => patchNumber(places.oid1, i, id));
}
