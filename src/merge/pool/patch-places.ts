/** Replaces values in the uncompressed data of baskets, at equal width. */
import { CorruptFileError } from '../../errors.ts';
import { parseGuid } from '../../io/pool/guid.ts';
import type { GuidPlace, NumberPlaces, TextPlace } from '../../io/pool/places.ts';

/** Replaces a text by one of the same length. */
export function patchText({ column, at, length }: TextPlace, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length !== length) throw new CorruptFileError('text does not keep its length', { offset: at, expected: length, found: bytes.length });
  column.data.set(bytes, at);
}

/** Replaces number `i` of a list. CorruptFileError when the value does not fit its width. */
export function patchNumber({ column, at, width }: NumberPlaces, i: number, value: bigint): void {
  const bits = 8 * width;
  if (width < 8 && (value < 0n || value >= 1n << BigInt(bits))) {
    throw new CorruptFileError(`a reference needs a number that does not fit the ${bits} bits it is stored in`, { offset: at, found: value.toString() });
  }
  const view = new DataView(column.data.buffer, column.data.byteOffset + at + width * i, width);
  if (width === 8) view.setBigInt64(0, BigInt.asIntN(64, value));
  else if (width === 4) view.setUint32(0, Number(value));
  else view.setUint16(0, Number(value));
}

/** Replaces the 16 bytes of a GUID. */
export function patchGuid({ pieces }: GuidPlace, guid: string): void {
  const bytes = parseGuid(guid);
  let from = 0;
  for (const { column, at, length } of pieces) {
    column.data.set(bytes.subarray(from, from + length), at);
    from += length;
  }
}
