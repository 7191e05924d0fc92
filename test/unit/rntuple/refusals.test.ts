/** Metadata that is well sealed but says what cannot be: written here with our own frames, so that checksums agree. */
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UnsupportedError } from '../../../src/errors.ts';
import type { LittleEndianWriter } from '../../../src/io/bytes/little-endian.ts';
import { EnvelopeType, encodeEnvelope, writeListFrame, writeRecordFrame } from '../../../src/io/root/rntuple/envelope.ts';
import { parseFooter } from '../../../src/io/root/rntuple/footer.ts';
import { parseHeader, type Header } from '../../../src/io/root/rntuple/header.ts';
import { writeLocator } from '../../../src/io/root/rntuple/locator.ts';
import { parsePageList } from '../../../src/io/root/rntuple/page-list.ts';

interface Parts {
  features?: bigint;
  parentId?: number;
  columnField?: number;
  bits?: number;
  alias?: [physical: number, field: number];
}

/** A header with one field `x` and one Real32 column. */
function headerBytes({ features = 0n, parentId = 0, columnField = 0, bits = 32, alias }: Parts = {}): Uint8Array {
  return encodeEnvelope(EnvelopeType.header, (w) => {
    w.u64(features);
    for (const text of ['nt', '', 'test']) w.string(text);
    writeListFrame(w, 1, () => writeRecordFrame(w, () => writeField(w, parentId)));
    writeListFrame(w, 1, () =>
      writeRecordFrame(w, () => {
        for (const value of [0x0c, bits]) w.u16(value);
        w.u32(columnField);
        for (const value of [0, 0]) w.u16(value);
      }),
    );
    writeListFrame(w, alias === undefined ? 0 : 1, () => {
      if (alias !== undefined) writeRecordFrame(w, () => alias.forEach((id) => w.u32(id)));
    });
    writeListFrame(w, 0, () => undefined);
  });
}

function writeField(w: LittleEndianWriter, parentId: number): void {
  for (const value of [0, 0, parentId]) w.u32(value);
  for (const value of [0, 0]) w.u16(value);
  for (const text of ['x', 'float', '', '']) w.string(text);
}

/** A footer without extension and clusters; `after` writes what follows the attribute sets. */
function footerBytes(header: Header, features = 0n, after?: (w: LittleEndianWriter) => void): Uint8Array {
  return encodeEnvelope(EnvelopeType.footer, (w) => {
    w.u64(features);
    w.u64(header.checksum);
    writeRecordFrame(w, () => undefined);
    writeListFrame(w, 0, () => undefined);
    writeListFrame(w, 0, () => undefined);
    after?.(w);
  });
}

/** A page list of one cluster with one column of one page. */
function pageListBytes(entriesAndFlags: bigint, firstElement: bigint, after?: (w: LittleEndianWriter) => void): Uint8Array {
  return encodeEnvelope(EnvelopeType.pageList, (w) => {
    w.u64(7n);
    writeListFrame(w, 1, () =>
      writeRecordFrame(w, () => {
        w.u64(0n);
        w.u64(entriesAndFlags);
      }),
    );
    writeListFrame(w, 1, () =>
      writeListFrame(w, 1, () =>
        writeListFrame(w, 1, () => {
          w.i32(-3);
          writeLocator(w, 1000, 12);
          w.i64(firstElement);
          if (firstElement >= 0n) w.u32(505);
        }),
      ),
    );
    after?.(w);
  });
}

describe('header and footer', () => {
  const header = parseHeader(headerBytes());

  it('of the same make are accepted', () => {
    const footer = parseFooter(footerBytes(header), header);
    expect(footer.schema.fields.map((f) => f.name)).toEqual(['x']);
    expect([footer.clusterGroups, footer.attributeSets, footer.hasAttributeList]).toEqual([[], [], true]);
  });

  it('with features of a later version are refused', () => {
    expect(() => parseHeader(headerBytes({ features: 2n }))).toThrow('RNTuple uses format features 0x2 of a later version');
    expect(() => parseFooter(footerBytes(header, 2n ** 63n), header)).toThrow(UnsupportedError);
    expect(() =>
      parseFooter(
        footerBytes(header, 0n, (w) => w.u64(1n)),
        header,
      ),
    ).toThrow('RNTuple footer has 8 bytes of a later format version');
  });

  it.each<[Parts, RegExp]>([
    [{ parentId: 1 }, /parent of field x does not exist: expected below 1, found 1/],
    [{ columnField: 1 }, /field of column 0 does not exist/],
    [{ bits: 16 }, /bits per element of column 0 of type Real32: expected 32, found 16/],
    [{ alias: [0, 4] }, /field of alias column 0 does not exist/],
    [{ alias: [1, 0] }, /physical column of alias column 0 does not exist/],
  ])('with ids that name nothing, or bits that do not fit, are damage: %j', (parts, message) => {
    const bad = parseHeader(headerBytes(parts));
    expect(() => parseFooter(footerBytes(bad), bad)).toThrow(message);
    expect(() => parseFooter(footerBytes(bad), bad)).toThrow(CorruptFileError);
  });
});

describe('page lists', () => {
  it('give entries, pages and checksums', () => {
    const [cluster] = parsePageList(pageListBytes(5n, 40n), 7n, 1);
    expect(cluster).toEqual({
      firstEntry: 0,
      entryCount: 5,
      firstElement: [40],
      compression: [505],
      pageStart: [0, 1],
      elements: [3],
      offset: [1000],
      storedBytes: [12],
      checksumBytes: [8],
    });
  });

  it('with sharded clusters are refused', () => {
    expect(() => [...parsePageList(pageListBytes((1n << 56n) | 5n, 0n), 7n, 1)]).toThrow(/sharded clusters/);
    expect([...parsePageList(pageListBytes((2n << 56n) | 5n, 0n), 7n, 1)][0]?.entryCount).toBe(5); // other flags are to be ignored
  });

  it('with a list of a later version are refused: it would be lost', () => {
    const bytes = pageListBytes(5n, 0n, (w) => writeListFrame(w, 0, () => undefined));
    expect(() => [...parsePageList(bytes, 7n, 1)]).toThrow('RNTuple page list has 12 bytes of a later format version');
  });

  it('with pages in a suppressed column are damage', () => {
    expect(() => [...parsePageList(pageListBytes(5n, -1n), 7n, 1)]).toThrow(/column 0 is suppressed but has pages/);
  });
});
