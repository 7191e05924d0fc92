/** DataHeader_p5 in the merged file: rows of local elements, the form's token and its digest. */
import { CorruptFileError } from '../../errors.ts';
import type { Container } from '../../io/pool/containers.ts';
import { decodeElementP5, formDigestP5 } from '../../io/pool/data-header-p5.ts';
import { countOf, locateNumbers, locateOneText, locateTexts, textOf, type NumberPlaces, type TextPlace } from '../../io/pool/places.ts';
import { memberOf, type RowColumns } from '../../io/pool/row-columns.ts';
import type { FormsP5, MovedFormP5 } from './forms-p5.ts';
import { patchNumber, patchText } from './patch-places.ts';
import { checkSelf } from './move.ts';
import type { Relocation } from './relocation.ts';

/** Largest row m_oid2 can hold. */
const MAX_ROW = 0xffff_ffff;

/** Moves the headers of one container. */
export class HeadersP5 {
  readonly #relocation: Relocation;
  readonly #forms: FormsP5;
  readonly #container: Container;
  #isSwapped: boolean | undefined;
  /** Texts of the elements that were held against the form last. */
  #checked: { moved: MovedFormP5; tokens: Uint8Array } | undefined;

  constructor(relocation: Relocation, forms: FormsP5, container: Container) {
    this.#container = container;
    this.#relocation = relocation;
    this.#forms = forms;
  }

  /** Changes a row. CorruptFileError when a reference of it leads nowhere. */
  patch(columns: RowColumns, row: number): void {
    const count = countOf(memberOf(columns, 'm_dataHeader'));
    const oid2 = locateNumbers(memberOf(columns, 'm_dataHeader.m_oid2'), count, 4);
    const [formToken, formMdx] = [locateOneText(memberOf(columns, 'm_dhFormToken')), locateOneText(memberOf(columns, 'm_dhFormMdx'))];
    if (count === 0 && formToken.length === 0) return; // made for an event without such a header: it refers to nothing
    const moved = this.#moveForm(formToken);
    if (moved.moves.length !== count) {
      throw new CorruptFileError('form describes another number of elements than the header has', {
        expected: count,
        found: moved.moves.length,
      });
    }
    this.#checkTokens(columns, moved, count);
    this.#patchRows(oid2, moved, row);
    patchText(formMdx, this.#digestLike(textOf(formMdx), moved));
    if (moved.wholeTokens.length > 0) this.#patchTokens(columns, moved, count);
  }

  /** Most rows are plain numbers below the limit: no bigint for those. */
  #patchRows(oid2: NumberPlaces, { moves, form }: MovedFormP5, headerRow: number): void {
    const firstData = form.uints[0]?.[0] ?? 0;
    const view = new DataView(oid2.column.data.buffer, oid2.column.data.byteOffset + oid2.at, 4 * oid2.count);
    for (let k = 0; k < moves.length; k++) {
      const move = moves[k];
      if (move === undefined) continue;
      const row = view.getUint32(4 * k);
      if (move.target.container === this.#container && k >= firstData) checkSelf(move, this.#container, BigInt(row), headerRow);
      const isPlain = !move.byIndex && row < move.rowCount && row + move.shift <= MAX_ROW;
      if (isPlain) view.setUint32(4 * k, row + move.shift);
      else patchNumber(oid2, k, this.#relocation.rowOf(move, BigInt(row)));
    }
  }

  #moveForm(place: TextPlace): MovedFormP5 {
    const text = textOf(place);
    const { container, row } = this.#relocation.formRowOfToken(text);
    const moved = this.#forms.formAt(container, row);
    patchText(place, this.#relocation.moveToken(text) ?? text);
    return moved;
  }

  /** Files of about 2011 print the first three fields of the digest byte-swapped; the first header of a container tells. */
  #digestLike(old: string, { form, newDigest }: MovedFormP5): string {
    this.#isSwapped ??= old === swapFields(formDigestP5(form));
    return this.#isSwapped ? swapFields(newDigest) : newDigest;
  }

  /** Container texts of the elements must agree with the links; they are mostly those of the header before. */
  #checkTokens(columns: RowColumns, moved: MovedFormP5, count: number): void {
    const column = memberOf(columns, 'm_dataHeader.m_token');
    const bytes = column.data.subarray(column.start, column.end);
    const checked = this.#checked;
    if (checked?.moved === moved && Buffer.compare(checked.tokens, bytes) === 0) return;
    locateTexts(column, count).forEach((place, k) => {
      if (moved.moves[k] !== undefined) this.#relocation.moveOf(decodeElementP5(moved.form, k, { token: textOf(place), oid2: 0 }));
    });
    this.#checked = { moved, tokens: bytes.slice() };
  }

  #patchTokens(columns: RowColumns, moved: MovedFormP5, count: number): void {
    const places = locateTexts(memberOf(columns, 'm_dataHeader.m_token'), count);
    for (const k of moved.wholeTokens) {
      const place = places[k] as TextPlace;
      const text = this.#relocation.moveToken(textOf(place));
      if (text !== undefined) patchText(place, text);
    }
  }
}

/** A GUID text with the first three fields byte-swapped. */
function swapFields(guid: string): string {
  const [a, b, c, ...rest] = guid.split('-');
  const swap = (field = ''): string => (field.match(/../g) ?? []).reverse().join('');
  return [swap(a), swap(b), swap(c), ...rest].join('-');
}
