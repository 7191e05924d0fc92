/** DataHeader_p3 in the merged file: no form, everything stands in the header. */
import { decodeElementsP3, locateHeaderP3, type ElementPlacesP3 } from '../../io/pool/data-header-p3.ts';
import { smallNumbersOf, type TextPlace } from '../../io/pool/places.ts';
import type { RowColumns } from '../../io/pool/row-columns.ts';
import type { HeaderElement } from '../../io/pool/data-header.ts';
import { patchNumber, patchText } from './patch-places.ts';
import type { Relocation } from './relocation.ts';

/** Changes a row: texts of FIDs, link ids and rows. CorruptFileError when a reference of it leads nowhere. */
export function patchHeaderP3(columns: RowColumns, relocation: Relocation): void {
  const places = locateHeaderP3(columns);
  const elements = decodeElementsP3(places);
  const count = places.data.tokens.length;
  const texts = new Set<number>();
  patchElements(places.data, elements.slice(0, count), relocation, texts);
  patchElements(places.provenance, elements.slice(count), relocation, texts);
  for (const i of texts) patchText(places.guidMap[i] as TextPlace, relocation.fid);
}

/** `texts` gets the indices of the FIDs in the table. */
function patchElements(places: ElementPlacesP3, elements: readonly HeaderElement[], relocation: Relocation, texts: Set<number>): void {
  const guidIndex = smallNumbersOf(places.dbGuidIndex);
  elements.forEach((element, k) => {
    const move = relocation.moveOf(element);
    if (move === undefined) return;
    patchNumber(places.oid1, k, move.oid1);
    patchNumber(places.oid2, k, relocation.rowOf(move, element.oid2));
    texts.add(guidIndex[k] as number);
  });
}
