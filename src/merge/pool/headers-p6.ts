/** DataHeader_p6 in trees: the numbers, elements and form of the merged file are put in place. */
import type { Container } from '../../io/pool/containers.ts';
import type { FormReferences } from '../../io/pool/form-reference.ts';
import { headerP6Of, locateHeaderP6, type HeaderPlacesP6 } from '../../io/pool/locate-p6.ts';
import { textOf } from '../../io/pool/places.ts';
import type { RowColumns } from '../../io/pool/row-columns.ts';
import type { EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import type { FormsP6, NamedFormP6 } from './forms-p6.ts';
import type { MovedHeaderP6 } from './p6-moves.ts';
import { growText, insertFullElements, type RowInsert } from './grow-row.ts';
import { patchNumber, patchText } from './patch-places.ts';
import type { Relocation } from './relocation.ts';

/** An unsplit header as it was, and what was done to it. Places are bytes from the begin of its row. */
interface HeaderModel {
  /** The row before it was changed. */
  bytes: Buffer;
  /** Place of the OID.second (8 bytes) that short elements share. */
  commonAt: number;
  /** Place of the OID.second of full elements, 8 bytes each, one behind the other. */
  fullAt: number;
  /** Place of what names the form. */
  tokenAt: number;
  /** What names the form in the merged file: as many bytes as `text`. */
  token: Uint8Array;
  /** What named the form in the input. */
  text: string;
  moved: MovedHeaderP6;
  form: NamedFormP6;
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

  /** Keeps the header as the model of those that follow, if its row is unsplit: all members in one branch. */
  #setModel(columns: RowColumns, { commonOid2, fullOid2, formToken }: HeaderPlacesP6, form: NamedFormP6, moved: MovedHeaderP6): void {
    const parts = [...columns.values()];
    const { data, branch } = commonOid2.column;
    if (parts.some((part) => part.branch !== branch)) return;
    const [start, end] = [Math.min(...parts.map((part) => part.start)), Math.max(...parts.map((part) => part.end))];
    const at = (place: { at: number }): number => place.at - start;
    this.#model = {
      bytes: Buffer.from(data.subarray(start, end)),
      commonAt: at(commonOid2),
      fullAt: at(fullOid2),
      tokenAt: at(formToken),
      token: Buffer.from(form.token),
      text: textOf(formToken),
      moved,
      form,
    };
  }

  /**
   * Changes a header as the model was changed; false when it differs from the model in more than row numbers, and nothing was done.
   * Headers of one form mostly differ in row numbers only: all else is compared at once, nothing of it is decoded.
   */
  patchLike({ data, start, end }: EntryBytes, row: number): boolean {
    const model = this.#model;
    if (model === undefined || end - start !== model.bytes.length) return false;
    const {
      bytes,
      commonAt,
      fullAt,
      tokenAt,
      form,
      text,
      moved: { commonMoves, fullMoves, selfAt },
    } = model;
    if (form.placedAt !== undefined && this.#references.at(row, text).oid2 !== form.placedAt) return false;
    const isSame = (from: number, to: number): boolean => bytes.compare(data, start + from, start + to, from, to) === 0;
    if (!isSame(0, commonAt) || !isSame(commonAt + 8, fullAt) || !isSame(fullAt + 8 * fullMoves.length, bytes.length)) return false;
    const view = new DataView(data.buffer, data.byteOffset + start, bytes.length);
    const common = view.getBigInt64(commonAt);
    if (selfAt !== undefined && (selfAt < 0 ? common : view.getBigInt64(fullAt + 8 * selfAt)) !== this.#references.oid2Of(row)) {
      return false;
    }
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
