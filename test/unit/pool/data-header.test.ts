import { describe, expect, test } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { decodeElementP5, formDigestP5, type FormP5 } from '../../../src/io/pool/data-header-p5.ts';
import { decodeElementsP6, type FormP6, type HeaderP6 } from '../../../src/io/pool/data-header-p6.ts';

const FID = '06C9EAE8-6F5B-E011-BAAA-003048F0E7AC';
const NEW_FID = '11111111-2222-4333-8444-555555555555';
const CLASS_A = 'F53A1735-F61A-4CA4-B25F-DB0E277E2DDC';
const CLASS_B = 'D82968A1-CF91-4320-B2DD-E0F739CBC7E6';

/** A conditions file with one object and the header itself. */
const form: FormP5 = {
  map: [
    FID,
    'CollectionTree(',
    'DetCondKeyTrans/',
    CLASS_A,
    '/LAR/Align',
    'POOLContainer_',
    'DataHeader',
    CLASS_B,
    'AthenaPoolOutputStream',
  ],
  uints: [[0], [131071, 3, 65538, 514, 3, 4, 0, 0, 254546453, 102086761], [65535, 7, 327686, 514, 5, 8, 0, 0, 222376821]],
};

describe('DataHeader p5', () => {
  test('long elements: container from prefix, type and key', () => {
    expect(decodeElementP5(form, 0, { token: ')', oid2: 0 })).toEqual({
      db: FID,
      container: 'CollectionTree(DetCondKeyTrans//LAR/Align)',
      classId: CLASS_A,
      technology: 0x202,
      oid1: 3n,
      oid2: 0n,
      key: '/LAR/Align',
      clid: 254546453,
      isProvenance: false,
    });
  });

  test('short elements: no technology word, counts packed', () => {
    const short: FormP5 = {
      map: ['', '', '', '', '', '', '', FID, CLASS_A, 'CollectionTree(', 'McEventInfo', 'MyEvent', 'Overlay'],
      uints: [[0], [131054, 458760, 589824, 3, 655873, 2102, 2101, 1, 2]],
    };
    expect(decodeElementP5(short, 0, { token: ')', oid2: 5 })).toMatchObject({
      container: 'CollectionTree(McEventInfo)',
      oid1: 3n,
      oid2: 5n,
      clid: 2102,
      key: 'McEventInfo',
      technology: 0x202,
    });
  });

  test('without a prefix there is no type: of provenance the link id alone may be known', () => {
    const bare: FormP5 = { map: form.map, uints: [[1], [65518, 3, 2, 0x1e9, (4 << 16) | 1, 77, 78]] };
    expect(decodeElementP5(bare, 0, { token: '', oid2: 31 })).toMatchObject({
      db: FID,
      container: '',
      classId: CLASS_A,
      oid1: 0x1e9n,
      oid2: 31n,
      clid: 77,
      isProvenance: true,
    });
    expect(decodeElementP5(bare, 0, { token: 'Tree(Branch)', oid2: 31 }).container).toBe('Tree(Branch)');
  });

  test('the digest depends on every text and word', () => {
    const base = formDigestP5(form);
    expect(base).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    expect(formDigestP5({ ...form, map: [NEW_FID, ...form.map.slice(1)] })).not.toBe(base);
    expect(formDigestP5({ ...form, uints: [[1], ...form.uints.slice(1)] })).not.toBe(base);
  });

  test('a form that is too short is an error, not a guess', () => {
    const cut: FormP5 = { map: form.map, uints: [[0], [131071, 3, 65538]] };
    expect(() => decodeElementP5(cut, 0, { token: ')', oid2: 0 })).toThrow(CorruptFileError);
    expect(() => decodeElementP5({ map: [FID], uints: form.uints }, 0, { token: ')', oid2: 0 })).toThrow(/text it does not have/);
  });
});

describe('DataHeader p6', () => {
  const formP6: FormP6 = {
    version: 600,
    dbRecords: [
      { fid: FID, technology: 0x203 },
      { fid: NEW_FID, technology: 0x202 },
    ],
    objectRecords: ['a', 'b', 'self'].map((key, i) => ({
      classId: CLASS_A,
      container: `CollectionTree(${key})`,
      key,
      clid: i,
      oid1: BigInt(i + 2),
    })),
  };
  const header: HeaderP6 = {
    commonDbIndex: 0,
    commonOid2: (0x3b94n << 32n) + 7n,
    shortElements: [0, -0x8000_0000, -1, 2],
    fullElements: [{ oid2: 9580n, dbIndex: 1, objectIndex: 1 }],
    provenanceSize: 1,
    formToken: '',
  };

  test('short, full and absent elements; provenance stands before the self reference', () => {
    const elements = decodeElementsP6(formP6, header);
    expect(elements.map((e) => [e.key, e.db, e.oid2, e.isProvenance])).toEqual([
      ['a', FID, (0x3b94n << 32n) + 7n, false],
      ['b', NEW_FID, 9580n, true],
      ['self', FID, (0x3b94n << 32n) + 7n, false],
    ]);
  });

  test('an index outside of the form is an error', () => {
    expect(() => decodeElementsP6(formP6, { ...header, shortElements: [5] })).toThrow(/an object its form does not have/);
    expect(() => decodeElementsP6(formP6, { ...header, shortElements: [-9] })).toThrow(/a full element/);
  });
});
