/** DataHeader_p3 and _p4 in the merged file: no form, everything stands in the header. */
import { decodeElementsP3, locateHeaderP3, type ElementPlacesP3 } from '../../io/pool/data-header-p3.ts';
import { smallNumbersOf, textOf, type TextPlace } from '../../io/pool/places.ts';
import type { Container } from '../../io/pool/containers.ts';
import type { RowColumns } from '../../io/pool/row-columns.ts';
import type { HeaderElement } from '../../io/pool/data-header.ts';
import { patchNumber, patchText } from './patch-places.ts';
import { checkSelf } from './move.ts';
import type { Relocation } from './relocation.ts';

/** Changes a row: texts of FIDs, link ids and rows. CorruptFileError when a reference of it leads nowhere. */
export function patchHeaderP3(
  columns: RowColumns,
  relocation: Relocation,
  { container, row }: { container: Container; row: number },
): void {
  const places = locateHeaderP3(columns);
  const elements = decodeElementsP3(places);
  const count = places.data.tokens.length;
  for (const element of elements) if (!element.isProvenance) checkSelf(relocation.moveOf(element), container, element.oid2, row);
  const texts = new Set<number>();
  const isWhole = places.guidMap.length === 0;
  patchElements(places.data, elements.slice(0, count), { relocation, texts, isWhole });
  patchElements(places.provenance, elements.slice(count), { relocation, texts, isWhole });
  for (const i of texts) patchText(places.guidMap[i] as TextPlace, relocation.fid);
}

/** `texts` gets the indices of the FIDs in the table; `isWhole`: there is none, elements are whole tokens. */
function patchElements(
  places: ElementPlacesP3,
  elements: readonly HeaderElement[],
  { relocation, texts, isWhole }: { relocation: Relocation; texts: Set<number>; isWhole: boolean },
): void {
  const guidIndex = smallNumbersOf(places.dbGuidIndex);
  elements.forEach((element, k) => {
    if (isWhole) {
      const place = places.tokens[k] as TextPlace;
      patchText(place, relocation.moveToken(textOf(place)) ?? textOf(place));
      return;
    }
    const move = relocation.moveOf(element);
    if (move === undefined) return;
    patchNumber(places.oid1, k, move.oid1);
    patchNumber(places.oid2, k, relocation.rowOf(move, element.oid2));
    texts.add(guidIndex[k] as number);
  });
}
