/** Replaces values in the uncompressed data of baskets, at equal width. */
import { CorruptFileError } from '../../errors.ts';
import { parseGuid } from '../../io/pool/guid.ts';
import { textOf, type GuidPlace, type NumberPlaces, type TextPlace } from '../../io/pool/places.ts';

/**
 * Replaces a text by one of the same length. A text that was not UTF-8 was read as a character per byte (decodeText): of such a
 * one only ASCII may change. CorruptFileError otherwise.
 */
export function patchText(place: TextPlace, text: string): void {
  const {
    column: { data },
    at,
    length,
  } = place;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length === length) {
    data.set(bytes, at);
    return;
  }
  const old = textOf(place);
  const isAlike =
    old.length === length && text.length === length && Array.from(text).every((character, i) => character < '\x80' || character === old[i]);
  if (!isAlike) throw new CorruptFileError('text does not keep its length', { offset: at, expected: length, found: bytes.length });
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) < 0x80) data[at + i] = text.charCodeAt(i);
}

/** Replaces number `i` of a list. CorruptFileError when the value does not fit its width. */
export function patchNumber({ column, at, width }: NumberPlaces, i: number, value: bigint): void {
  const bits = 8 * width;
  if (width < 8 && (value < 0n || value >= 1n << BigInt(bits))) {
    throw new CorruptFileError(`a reference needs a number that does not fit the ${bits} bits it is stored in`, {
      offset: at,
      found: value.toString(),
    });
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
