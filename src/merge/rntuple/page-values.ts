/** Pages whose elements get new values: recoders that write them instead of what the input holds. */
import { UnsupportedError } from '../../errors.ts';
import { columnTypeName } from '../../io/root/rntuple/column-types.ts';
import { plainWidthOf, type ColumnValues } from '../../io/root/rntuple/pages.ts';
import { pageRecoder, type PageRecoder } from '../../io/root/rntuple/page-encoding.ts';
import type { Column } from '../../io/root/rntuple/schema.ts';
import type { FillPage } from './zero-pages.ts';

/** A recoder that fills pages of a column of type `to` with new values, whatever they held before. */
export function valueRecoder(column: Column, values: ColumnValues): PageRecoder {
  const { plain, width } = plainWidthOf(column.type);
  const encode = plain === column.type ? undefined : pageRecoder(plain, column.type);
  if (plain !== column.type && encode === undefined) {
    throw new UnsupportedError(`new values of an RNTuple column of type ${columnTypeName(column.type)}`);
  }
  return (from, to, firstElement = 0) => {
    const page = encode === undefined ? to : from;
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    for (let at = 0, i = firstElement; at < page.length; at += width, i++) setElement(view, at, width, values[i]);
    encode?.(from, to, firstElement);
  };
}

/** The same for a page that is made: it has no other bytes than zero. */
export function pageFiller(column: Column, values: ColumnValues): FillPage {
  const recode = valueRecoder(column, values);
  return (page, firstElement) => recode(new Uint8Array(page.length), page, firstElement);
}

function setElement(view: DataView, at: number, width: number, value: number | bigint | undefined): void {
  if (typeof value === 'bigint') view.setBigInt64(at, BigInt.asIntN(64, value), true);
  else if (value === undefined) throw new UnsupportedError('RNTuple column has more elements than new values');
  else if (width === 1) view.setUint8(at, value);
  else if (width === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
}
