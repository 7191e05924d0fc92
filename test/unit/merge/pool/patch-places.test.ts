/** Texts replaced in the bytes of rows. */
import { describe, expect, it } from 'vitest';
import { textOf, type TextPlace } from '../../../../src/io/pool/places.ts';
import { patchText } from '../../../../src/merge/pool/patch-places.ts';

/** The bytes of a text between two others. */
function placeOf(bytes: Uint8Array): TextPlace {
  const data = Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]);
  return { column: { branch: 0, basket: 0, data, start: 0, end: data.length }, at: 1, length: bytes.length };
}

describe('a text of equal length', () => {
  it.each([
    ['of ASCII', Buffer.from('[OID=3][X=a]')],
    ['of UTF-8', Buffer.from('[OID=3][X=é€]')],
    ['of Latin-1, and of bytes that no text has', Buffer.from('[OID=3][X=\u00e9\u00ff\u0080\u0095]', 'latin1')],
  ])('takes the place of one %s', (_, bytes) => {
    const place = placeOf(bytes);
    patchText(place, textOf(place).replace('3', '7'));
    const expected = Buffer.from(bytes);
    expected[5] = '7'.charCodeAt(0);
    expect(Buffer.from(place.column.data)).toEqual(Buffer.concat([Buffer.from('<'), expected, Buffer.from('>')]));
  });

  it('is needed', () => {
    const place = placeOf(Buffer.from('[OID=3][X=é]'));
    for (const text of ['[OID=3][X=é]]', '[OID=3][X=e]', '', '[OID=3][X=éé]']) {
      expect(() => patchText(place, text)).toThrow('text does not keep its length');
    }
    expect(textOf(place)).toBe('[OID=3][X=é]');
  });
});
