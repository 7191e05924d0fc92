/** Where the references of DataHeader_p5 and DataHeaderForm_p5 lie in their rows, split or not. */
import type { FormP5, StoredElementP5 } from './data-header-p5.ts';
import {
  countOf,
  locateNumbers,
  locateOneText,
  locateTexts,
  locateTextVector,
  locateWordRows,
  smallNumbersOf,
  textOf,
  type NumberPlaces,
  type TextPlace,
} from './places.ts';
import { memberOf, type RowColumns } from './row-columns.ts';

/** Places in a header. */
export interface HeaderPlacesP5 {
  /** m_token of each element: part of a container name, or a whole token. */
  tokens: TextPlace[];
  /** m_oid2 of each element, u32. */
  oid2: NumberPlaces;
  formToken: TextPlace;
  formMdx: TextPlace;
}

/** Places in a form. */
export interface FormPlacesP5 {
  map: TextPlace[];
  /** The rows of m_uints. */
  uints: NumberPlaces[];
}

/** Finds the values of a header. CorruptFileError where its members do not fit. */
export function locateHeaderP5(columns: RowColumns): HeaderPlacesP5 {
  const count = countOf(memberOf(columns, 'm_dataHeader'));
  return {
    tokens: locateTexts(memberOf(columns, 'm_dataHeader.m_token'), count),
    oid2: locateNumbers(memberOf(columns, 'm_dataHeader.m_oid2'), count, 4),
    formToken: locateOneText(memberOf(columns, 'm_dhFormToken')),
    formMdx: locateOneText(memberOf(columns, 'm_dhFormMdx')),
  };
}

/** The elements as stored. */
export function storedElementsP5({ tokens, oid2 }: HeaderPlacesP5): StoredElementP5[] {
  const rows = smallNumbersOf(oid2);
  return tokens.map((token, k) => ({ token: textOf(token), oid2: rows[k] as number }));
}

/** Finds the values of a form. */
export function locateFormP5(columns: RowColumns): FormPlacesP5 {
  return { map: locateTextVector(memberOf(columns, 'm_map')), uints: locateWordRows(memberOf(columns, 'm_uints')) };
}

/** The form as stored. */
export function formP5Of({ map, uints }: FormPlacesP5): FormP5 {
  return { map: map.map(textOf), uints: uints.map((row) => smallNumbersOf(row)) };
}
