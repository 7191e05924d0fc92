/** Texts and numbers replaced in the bytes of rows. */
import { describe, expect, it } from 'vitest';
import { numberOf, textOf, type NumberPlaces, type TextPlace } from '../../../../src/io/pool/places.ts';
import { branchName } from '../../../../src/io/root/tree/basket-table.ts';
import { patchNumber, patchText } from '../../../../src/merge/pool/patch-places.ts';
import { TreeRewrite } from '../../../../src/merge/pool/tree-rewrite.ts';
import { treeOf, withPool, workers } from './pool-files.ts';

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

describe('a number', () => {
  const placesOf = (width: number): NumberPlaces => {
    const data = new Uint8Array(2 * width + 2);
    return { column: { branch: 0, basket: 0, data, start: 0, end: data.length }, at: 1, count: 2, width };
  };

  it.each([
    [2, 0xffffn],
    [4, 0xffff_ffffn],
  ])('of %i bytes is none that would be cut: up to %i', (width, largest) => {
    const places = placesOf(width);
    patchNumber(places, 1, largest);
    expect(Buffer.from(places.column.data).toString('hex')).toBe('00' + '00'.repeat(width) + 'ff'.repeat(width) + '00');
    for (const value of [largest + 1n, -1n]) {
      expect(() => patchNumber(places, 0, value)).toThrow(
        `a reference needs a number that does not fit the ${8 * width} bits it is stored in: found ${value}`,
      );
    }
    expect([numberOf(places, 0), numberOf(places, 1)]).toEqual([0, Number(largest)]);
  });

  it('of 8 bytes has a sign', () => {
    const places = placesOf(8);
    patchNumber(places, 0, -2n);
    patchNumber(places, 1, 1n << 63n);
    expect([numberOf(places, 0), numberOf(places, 1)]).toEqual([-2n, -(1n << 63n)]);
  });
});

describe('changes of one tree', () => {
  it('are of different branches: of two changes of one branch, one would be lost', () => {
    withPool(workers('p5')[0] as string, ({ containers }) => {
      const tree = treeOf(containers, 'CollectionTree');
      const task = (branch: number) => ({ kind: 'data', branch, patch: () => undefined }) as const;
      expect([...new TreeRewrite(tree, [task(1), task(2)]).branches]).toEqual([1, 2]);
      const name = branchName(tree.scan, 1);
      expect(() => new TreeRewrite(tree, [task(1), task(2), task(1)])).toThrow(
        `branch ${name} is named by links of several classes: what it holds is not clear`,
      );
    });
  });
});
