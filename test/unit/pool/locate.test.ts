import { describe, expect, test } from 'vitest';
import { CorruptFileError, UnsupportedError } from '../../../src/errors.ts';
import { decodeElementsP3, locateHeaderP3 } from '../../../src/io/pool/data-header-p3.ts';
import { locateEventTokens } from '../../../src/io/pool/event-tokens.ts';
import { formP5Of, locateFormP5, locateHeaderP5, storedElementsP5 } from '../../../src/io/pool/locate-p5.ts';
import { formP6Of, headerP6Of, locateFormP6, locateHeaderP6 } from '../../../src/io/pool/locate-p6.ts';
import { parseGuid } from '../../../src/io/pool/guid.ts';
import { guidOf, locateGuids, locateNumbers, textOf } from '../../../src/io/pool/places.ts';
import { columnsOfObject, type RowColumns } from '../../../src/io/pool/row-columns.ts';
import { CHECKSUMS, INFOS, LAYOUTS, RowWriter } from './row-bytes.ts';

const FID = '06C9EAE8-6F5B-E011-BAAA-003048F0E7AC';
const OTHER = 'F53A1735-F61A-4CA4-B25F-DB0E277E2DDC';
const MDX = '24BAA12E-4681-CFFB-F4B5-86403E5733E7';

function headerP5(): RowWriter {
  const row = new RowWriter();
  row.vector(CHECKSUMS.elementP5, 2, () => {
    row.texts([')', 'x'.repeat(300)]);
    row.w.u32(5);
    row.w.u32(0xffff_fffe);
  });
  return row.texts(['[DB=...]']).texts([MDX]);
}

describe('rows of p5', () => {
  test('an unsplit header: values, and places that point at them', () => {
    const places = locateHeaderP5(headerP5().columns(LAYOUTS.headerP5));
    expect(storedElementsP5(places)).toEqual([
      { token: ')', oid2: 5 },
      { token: 'x'.repeat(300), oid2: 0xffff_fffe },
    ]);
    expect([textOf(places.formToken), textOf(places.formMdx)]).toEqual(['[DB=...]', MDX]);
    const { column, at } = places.oid2;
    expect(column).toMatchObject({ branch: 7, basket: 1 });
    new DataView(column.data.buffer).setUint32(at + 4, 42);
    expect(storedElementsP5(places)[1]?.oid2).toBe(42);
    column.data.set(Buffer.from('AAAA'), places.formMdx.at);
    expect(textOf(places.formMdx)).toBe(`AAAA${MDX.slice(4)}`);
  });

  test('split columns give the same', () => {
    const whole = headerP5().columns(LAYOUTS.headerP5);
    const split: RowColumns = new Map(
      [...whole].map(([name, column]) => {
        const data = column.data.slice(column.start, column.end);
        return [name, { ...column, data, start: 0, end: data.length }];
      }),
    );
    expect(storedElementsP5(locateHeaderP5(split))).toEqual(storedElementsP5(locateHeaderP5(whole)));
  });

  test('a header without elements, whose columns are empty or frames only', () => {
    const empty = new RowWriter();
    const columns = empty
      .vector(CHECKSUMS.elementP5, 0, () => undefined)
      .texts(['t'])
      .texts(['m'])
      .columns(LAYOUTS.headerP5);
    expect(storedElementsP5(locateHeaderP5(columns))).toEqual([]);
    const framed = new RowWriter();
    framed
      .vector(CHECKSUMS.elementP5, 0, () => framed.texts([]))
      .texts(['t'])
      .texts(['m']);
    expect(storedElementsP5(locateHeaderP5(framed.columns(LAYOUTS.headerP5)))).toEqual([]);
  });

  test('a form', () => {
    const row = new RowWriter();
    row.framed(9, () => {
      row.w.i32(2);
      row.w.tstring(FID);
      row.w.tstring('');
    });
    row.framed(9, () => {
      row.w.i32(3);
      for (const words of [[1], [], [131071, 4294967295]]) {
        row.w.i32(words.length);
        for (const word of words) row.w.u32(word);
      }
    });
    const places = locateFormP5(row.columns(LAYOUTS.formP5));
    expect(formP5Of(places)).toEqual({ map: [FID, ''], uints: [[1], [], [131071, 4294967295]] });
    expect(places.uints.map(({ count }) => count)).toEqual([1, 0, 2]);
  });
});

describe('rows of p6', () => {
  test('a header', () => {
    const row = new RowWriter();
    row.w.u32(3);
    row.long((0x3b94n << 32n) + 9n);
    row.framed(9, () => {
      row.w.i32(3);
      for (const v of [0, -1, -0x8000_0000]) row.w.i32(v);
    });
    row.vector(CHECKSUMS.full, 1, () => {
      row.long(-2n);
      row.w.u32(1);
      row.w.u32(95);
    });
    row.w.u32(7);
    row.texts(['token']);
    const places = locateHeaderP6(row.columns(LAYOUTS.headerP6));
    expect(headerP6Of(places)).toEqual({
      commonDbIndex: 3,
      commonOid2: (0x3b94n << 32n) + 9n,
      shortElements: [0, -1, -0x8000_0000],
      fullElements: [{ oid2: -2n, dbIndex: 1, objectIndex: 95 }],
      provenanceSize: 7,
      formToken: 'token',
    });
  });

  test('a form: binary GUIDs, and members of a later version', () => {
    const row = new RowWriter();
    row.vector(CHECKSUMS.db, 2, () => {
      row.guids([FID, OTHER]);
      row.w.u32(0x203);
      row.w.u32(0x202);
    });
    row.vector(CHECKSUMS.object, 1, () => {
      row.guids([OTHER]).texts(['CollectionTree(a)']).texts(['key']);
      row.w.u32(2101);
      row.long(0x3b94_0000_0003n);
    });
    row.framed(9, () => row.w.i32(0));
    row.w.u32(600);
    row.texts(['tag']);
    const places = locateFormP6(row.columns(LAYOUTS.formP6));
    expect(formP6Of(places)).toEqual({
      dbRecords: [
        { fid: FID, technology: 0x203 },
        { fid: OTHER, technology: 0x202 },
      ],
      objectRecords: [{ classId: OTHER, container: 'CollectionTree(a)', key: 'key', clid: 2101, oid1: 0x3b94_0000_0003n }],
      version: 600,
    });
    expect(places.dbGuids.map(guidOf)).toEqual([FID, OTHER]);
  });

  test('GUIDs of a class with a version have no checksum', () => {
    const row = new RowWriter();
    for (const guid of [FID, OTHER]) row.framed(1, () => row.w.raw(parseGuid(guid)));
    expect(locateGuids(new Map([['fid', row.entry()]]), 'fid', 2).map(guidOf)).toEqual([FID, OTHER]);
  });

  test('GUIDs split into their members', () => {
    const columns = new Map<string, ReturnType<RowWriter['entry']>>();
    const guids = [FID, OTHER].map(parseGuid);
    for (const [name, from, to] of [
      ['m_data1', 0, 4],
      ['m_data2', 4, 6],
      ['m_data3', 6, 8],
      ['m_data4[8]', 8, 16],
    ] as const) {
      const row = new RowWriter();
      for (const guid of guids) row.w.raw(guid.subarray(from, to));
      columns.set(`fid.${name}`, row.entry());
    }
    expect(locateGuids(columns, 'fid', 2).map(guidOf)).toEqual([FID, OTHER]);
    expect(() => locateGuids(columns, 'fid', 3)).toThrow(/another length: expected 12, found 8/);
    columns.delete('fid.m_data4[8]');
    expect(() => locateGuids(columns, 'fid', 2)).toThrow(/no member fid.m_data4/);
  });
});

describe('rows of p3', () => {
  test('elements, their container texts and provenance', () => {
    const columns = new Map<string, ReturnType<RowWriter['entry']>>();
    const add = (name: string, write: (row: RowWriter) => unknown): void => {
      const row = new RowWriter();
      write(row);
      columns.set(name, row.entry(0));
    };
    const list = (name: string, count: number): void => {
      add(name, (row) => row.w.i32(count));
      const numbers = {
        m_technology: [4, 0x202],
        m_oid1: [4, 3],
        m_oid2: [4, 1],
        m_dbGuidIdx: [2, 0],
        m_classIdIdx: [2, 2],
        m_prefixIdx: [2, 1],
        m_keyPos: [2, 15],
      } as const;
      for (const [member, [width, value]] of Object.entries(numbers)) {
        add(`${name}.${member}`, (row) => Array.from({ length: count }, () => (width === 4 ? row.w.u32(value) : row.w.u16(value))));
      }
      add(`${name}.m_token`, (row) => count > 0 && row.texts(['(EventInfo_p2/)']));
      add(
        `${name}.m_alias`,
        (row) => count > 0 && row.framed(8, () => [row.w.i32(2), row.w.tstring('McEventInfo'), row.w.tstring('Other')]),
      );
      add(`${name}.m_clids`, (row) => count > 0 && row.framed(8, () => [row.w.i32(1), row.w.u32(2101)]));
    };
    list('m_DataHeader', 1);
    list('m_InputDataHeader', 0);
    add('m_GuidMap', (row) =>
      row.framed(8, () => [row.w.i32(3), row.w.tstring(FID), row.w.tstring('CollectionTree'), row.w.tstring(OTHER)]),
    );
    const places = locateHeaderP3(columns);
    expect(decodeElementsP3(places)).toEqual([
      {
        db: FID,
        container: 'CollectionTree(EventInfo_p2/McEventInfo)',
        classId: OTHER,
        technology: 0x202,
        oid1: 3n,
        oid2: 1n,
        key: 'McEventInfo',
        clid: 2101,
        isProvenance: false,
      },
    ]);
    expect(places.guidMap.map(textOf)).toEqual([FID, 'CollectionTree', OTHER]);
  });
});

describe('tokens inside event data', () => {
  test('texts of one framed column; an empty list has no bytes', () => {
    expect(locateEventTokens(new RowWriter().texts(['a', 'bc']).entry()).map(textOf)).toEqual(['a', 'bc']);
    expect(locateEventTokens(new RowWriter().entry())).toEqual([]);
  });
});

describe('damage', () => {
  const bytes = headerP5().entry();

  test('every truncation of a row is an error', () => {
    for (let end = bytes.start; end < bytes.end; end++) {
      expect(() => columnsOfObject({ ...bytes, end }, LAYOUTS.headerP5, INFOS)).toThrow(CorruptFileError);
    }
  });

  test('bytes behind the members are an error', () => {
    const row = headerP5();
    row.w.u8(0);
    expect(() => row.columns(LAYOUTS.headerP5)).toThrow(/bytes left behind/);
  });

  test('a vector stored object by object is refused', () => {
    const row = new RowWriter().framed(9, () => undefined);
    expect(() => row.columns(LAYOUTS.headerP5)).toThrow(UnsupportedError);
  });

  test('an unknown class in a vector is refused', () => {
    const row = new RowWriter();
    row.vector(0x1111_1111, 0, () => undefined);
    expect(() => row.columns(LAYOUTS.headerP5)).toThrow(/no streamer info for DataHeaderElement_p5/);
  });

  test('counts that do not fit their columns', () => {
    const row = new RowWriter();
    row.vector(CHECKSUMS.elementP5, 3, () => {
      row.texts(['a', 'b', 'c']);
      for (let i = 0; i < 3; i++) row.w.u32(i);
    });
    const columns = new Map(row.texts(['t']).texts(['m']).columns(LAYOUTS.headerP5));
    new DataView((columns.get('m_dataHeader') as { data: Uint8Array }).data.buffer).setUint32(
      (columns.get('m_dataHeader') as { start: number }).start,
      2,
    );
    expect(() => locateHeaderP5(columns)).toThrow(/bytes left behind|another number/);
    columns.delete('m_dhFormMdx');
    expect(() => locateHeaderP5(columns)).toThrow(CorruptFileError);
    const four = new RowWriter();
    four.w.u32(1);
    expect(() => locateNumbers(four.entry(), 2, 4)).toThrow(/expected 2, found 1/);
    expect(() => locateGuids(new Map([['fid', four.entry()]]), 'fid', 1)).toThrow(/no fitting byte count/);
    expect(() => locateGuids(new Map([['fid', new RowWriter().framed(1, () => undefined).entry()]]), 'fid', 1)).toThrow(CorruptFileError);
  });
});
