/** DataHeader_p6 and DataHeaderForm_p6 in trees: their moved values put in place. */
import { CorruptFileError } from '../../errors.ts';
import type { Container } from '../../io/pool/containers.ts';
import type { FormReferences } from '../../io/pool/form-reference.ts';
import { FormReader } from '../../io/pool/header-rows.ts';
import { headerP6Of, locateFormP6, locateHeaderP6, type HeaderPlacesP6 } from '../../io/pool/locate-p6.ts';
import { textOf, type GuidPlace } from '../../io/pool/places.ts';
import type { RowColumns } from '../../io/pool/row-columns.ts';
import { isPlacement } from '../../io/pool/token.ts';
import type { EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import { FormMovesP6, type MovedHeaderP6 } from './p6-moves.ts';
import { growText, insertFullElements, type RowInsert } from './grow-row.ts';
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

  /** Lets go of the readers, each of which holds a basket; they are made again when needed. */
  release(): void {
    this.#readers.clear();
  }

  /** The form a header names, and how its header in the merged file does. */
  formOf(references: FormReferences, row: number, text: string): NamedFormP6 {
    const relocation = this.#relocation;
    if (!isPlacement(text)) {
      const form = relocation.formRowOfToken(text);
      return { moves: this.formAt(form.container, form.row), token: relocation.moveToken(text) ?? text, placedAt: undefined };
    }
    const reference = references.at(row, text);
    const form = relocation.formRowOf(reference);
    return { moves: this.formAt(form.container, form.row), token: atLeastAsLong(relocation.placedFormToken(reference) ?? text, text), placedAt: reference.oid2 };
  }
}

/** A token with room for the placement it takes the place of: rows do not shrink. Readers do not look at what is outside of brackets. */
function atLeastAsLong(token: string, placement: string): string {
  return token + ' '.repeat(Math.max(0, Buffer.byteLength(placement) - Buffer.byteLength(token)));
}

/** A form as a header names it. */
interface NamedFormP6 {
  moves: FormMovesP6;
  /** Its token in the merged file, or a placement that says there what it said in the input. */
  token: string;
  /** OID.second that follows from a placement; undefined for a token. */
  placedAt: bigint | undefined;
}

/** An unsplit header as it was, and what was done to it. */
interface HeaderModel {
  bytes: Uint8Array;
  /** Index of values in the row. */
  commonAt: number;
  fullAt: number;
  tokenAt: number;
  token: Uint8Array;
  moved: MovedHeaderP6;
  form: NamedFormP6;
  text: string;
}

/** Moves the headers of one container. */
export class HeadersP6 {
  readonly #relocation: Relocation;
  readonly #forms: FormsP6;
  readonly #references: FormReferences;
  readonly #container: Container;
  #model: HeaderModel | undefined;

  constructor(relocation: Relocation, forms: FormsP6, { container, references }: { container: Container; references: FormReferences }) {
    this.#container = container;
    this.#relocation = relocation;
    this.#forms = forms;
    this.#references = references;
  }

  /** Changes a header; returns what must be inserted. CorruptFileError when a reference of it leads nowhere. */
  patch(columns: RowColumns, row: number): RowInsert[] {
    const places = locateHeaderP6(columns);
    const header = headerP6Of(places);
    if (header.formToken === '' && header.shortElements.length === 0) return []; // made for an event without such a header
    const form = this.#forms.formOf(this.#references, row, header.formToken);
    const moved = form.moves.moveHeader(header, this.#container, row);
    const { commonOid2, fullOid2, added } = moved;
    const hasLength = Buffer.byteLength(form.token) === Buffer.byteLength(header.formToken);
    if (added.length === 0 && Buffer.byteLength(form.token) === places.formToken.length) this.#setModel(columns, places, form, moved);
    patchNumber(places.commonOid2, 0, commonOid2);
    fullOid2.forEach((oid2, i) => patchNumber(places.fullOid2, i, oid2));
    const longer = hasLength ? [] : growText(places.formToken, form.token);
    if (hasLength) patchText(places.formToken, form.token);
    if (added.length === 0) return longer;
    added.forEach(({ short }, i) => patchNumber(places.shortElements, short, BigInt.asUintN(32, BigInt(-1 - (fullOid2.length + i)))));
    this.#forms.largestCount = Math.max(this.#forms.largestCount, fullOid2.length + added.length);
    return [...insertFullElements(columns, added), ...longer].sort((a, b) => a.at - b.at);
  }

  /** The first member begins an unsplit row, the last one ends it. */
  #setModel(columns: RowColumns, { commonOid2, fullOid2, formToken }: HeaderPlacesP6, form: NamedFormP6, moved: MovedHeaderP6): void {
    const parts = [...columns.values()];
    const { data, branch } = commonOid2.column;
    if (parts.some((part) => part.branch !== branch)) return;
    const [start, end] = [Math.min(...parts.map((part) => part.start)), Math.max(...parts.map((part) => part.end))];
    const at = (place: { at: number }): number => place.at - start;
    this.#model = { bytes: data.slice(start, end), commonAt: at(commonOid2), fullAt: at(fullOid2), tokenAt: at(formToken), token: Buffer.from(form.token), moved, form, text: textOf(formToken) };
  }

  /** Headers of one form mostly differ in row numbers only: all else is compared at once, nothing of it is decoded. */
  patchLike({ data, start, end }: EntryBytes, row: number): boolean {
    const model = this.#model;
    if (model === undefined || end - start !== model.bytes.length) return false;
    const { bytes, commonAt, fullAt, tokenAt, form, text, moved: { commonMoves, fullMoves, selfAt } } = model;
    if (form.placedAt !== undefined && this.#references.at(row, text).oid2 !== form.placedAt) return false;
    const isSame = (from: number, to: number): boolean => Buffer.compare(bytes.subarray(from, to), data.subarray(start + from, start + to)) === 0;
    if (!isSame(0, commonAt) || !isSame(commonAt + 8, fullAt) || !isSame(fullAt + 8 * fullMoves.length, bytes.length)) return false;
    const view = new DataView(data.buffer, data.byteOffset + start, bytes.length);
    const common = view.getBigInt64(commonAt);
    if (selfAt !== undefined && (selfAt < 0 ? common : view.getBigInt64(fullAt + 8 * selfAt)) !== this.#references.oid2Of(row)) return false;
    const rows = commonMoves.map((move) => this.#relocation.rowOf(move, common));
    if (rows.some((row) => row !== rows[0])) return false;
    if (rows[0] !== undefined) view.setBigInt64(commonAt, rows[0]);
    fullMoves.forEach((move, i) => {
      if (move !== undefined) view.setBigInt64(fullAt + 8 * i, this.#relocation.rowOf(move, view.getBigInt64(fullAt + 8 * i)));
    });
    data.set(model.token, start + tokenAt);
    return true;
  }
}

/** Changes a form, after the headers that use it were moved. */
export function patchFormP6(columns: RowColumns, moves: FormMovesP6, ownFid: string): void {
  const places = locateFormP6(columns);
  const { fids, oid1 } = moves.moveForm(ownFid);
  fids.forEach((fid, i) => patchGuid(places.dbGuids[i] as GuidPlace, fid));
  oid1.forEach((id, i) => patchNumber(places.oid1, i, id));
}
