import { describe, expect, test } from 'vitest';
import { fidsOf, parseLink, parseParam, parseSection } from '../../../src/io/pool/bookkeeping.ts';
import { AMBIGUOUS_ROW, NO_ROW, type Container } from '../../../src/io/pool/containers.ts';
import type { PoolContents } from '../../../src/io/pool/pool-contents.ts';
import { Resolver } from '../../../src/io/pool/resolve.ts';
import type { Reference } from '../../../src/io/pool/token.ts';

const A = '06C9EAE8-6F5B-E011-BAAA-003048F0E7AC';
const B = 'F53A1735-F61A-4CA4-B25F-DB0E277E2DDC';
const OLD = 'D82968A1-CF91-4320-B2DD-E0F739CBC7E6';
const CLASS = '3397D8A3-BBE6-463C-9F8E-4B3DFD8831FE';
const ZERO = '00000000-0000-0000-0000-000000000000';
const PID = 0x3b94n << 32n;

/** A POOL file that exists in its bookkeeping only: containers `T(a)`, … with their row numbers or index values. */
function contents(
  fid: string,
  links: string[],
  rows: Record<string, number | bigint[]>,
  more: Partial<PoolContents['bookkeeping']> = {},
): PoolContents {
  const parsed = links.map(parseLink);
  const linkById = new Map(parsed.toReversed().map((link) => [link.id, link]));
  const bookkeeping = { params: [], fid, earlierFids: [], shapes: [], links: parsed, linkById, sections: [], ...more };
  const containers = {
    find: (name: string) =>
      name in rows ? { name, rowCount: typeof rows[name] === 'number' ? rows[name] : rows[name]?.length } : undefined,
    rowOf: ({ name, rowCount }: Container, technology: number, oid2: bigint) => {
      const values = rows[name];
      if (technology === 0x202 || !Array.isArray(values)) return oid2 >= 0n && oid2 < BigInt(rowCount) ? Number(oid2) : NO_ROW;
      return values.indexOf(oid2) === values.lastIndexOf(oid2) ? values.indexOf(oid2) : AMBIGUOUS_ROW;
    },
  };
  return { fid, bookkeeping, containers } as unknown as PoolContents;
}

const link = (container: string, oid1: bigint, tech = '202', db = ZERO): string =>
  `[DB=${db}][CNT=${container}][CLID=${CLASS}][TECH=00000${tech}][OID=${oid1.toString(16).toUpperCase().padStart(16, '0')}-FFFFFFFFFFFFFFFF]`;
const reference = (given: Partial<Reference>): Reference => ({
  db: A,
  container: '',
  classId: CLASS,
  technology: 0x202,
  oid1: 3n,
  oid2: 0n,
  ...given,
});

const LINKS = [
  link('##Params', 2n, '200'),
  link('T(a)', 3n),
  link('T(b)', 4n),
  link('T(gone)', 5n),
  link('T(c)', 6n, '202', B),
  link('Keys', 7n, '201'),
];

function outcome(resolver: Resolver, given: Partial<Reference>): string {
  const found = resolver.resolve(reference(given));
  if (found.status === 'resolved') return `${found.contents.fid.slice(0, 2)} ${found.container.name} ${found.row}`;
  return found.status === 'foreign' ? 'foreign' : found.reason;
}

describe('plain storage', () => {
  const resolver = new Resolver();
  resolver.add(contents(A, LINKS, { 'T(a)': 10, 'T(b)': 2 }));
  resolver.add(contents(B, [link('##Params', 2n), link('X(y)', 3n)], { 'X(y)': 1 }));

  test('by link id, with and without container name', () => {
    expect(outcome(resolver, { oid2: 9n })).toBe('06 T(a) 9');
    expect(outcome(resolver, { oid1: 4n, oid2: 1n, container: 'T(b)' })).toBe('06 T(b) 1');
    expect(outcome(resolver, { db: A.toLowerCase(), classId: CLASS.toLowerCase() })).toBe('06 T(a) 0');
  });

  test('into another file of the set, and out of it', () => {
    expect(outcome(resolver, { db: B })).toBe('F5 X(y) 0');
    expect(outcome(resolver, { db: OLD })).toBe('foreign');
  });

  test.each([
    [{ oid2: 10n }, 'T(a) has 10 rows, the reference names row 10'],
    [{ oid2: -1n }, 'T(a) has 10 rows, the reference names row -1'],
    [{ oid1: 8n }, '##Links has no link 0x8'],
    [{ oid1: -1n }, '##Links has no link 0xFFFFFFFFFFFFFFFF'],
    [{ oid1: 5n }, 'file has no container T(gone)'],
    [{ oid1: 7n }, 'Keys is stored as keys (technology 201), which are not read'],
    [{ oid1: 6n }, `link 0x6 leads to another file, ${B}`],
    [{ container: 'T(b)' }, 'link 0x3 leads to T(a), the reference names T(b)'],
    [{ classId: OLD }, `link 0x3 (T(a)) is of class ${CLASS}, the reference of ${OLD}`],
  ])('dangling, number %#', (given, reason) => {
    expect(outcome(resolver, given)).toBe(reason);
  });

  test('a FID that is met twice keeps its first file; a finder is asked for others', () => {
    const asked: string[] = [];
    const own = new Resolver((fid) => {
      asked.push(fid);
      return fid === B ? contents(B, LINKS, { 'T(a)': 1 }) : undefined;
    });
    own.add(contents(A, LINKS, { 'T(a)': 1 }));
    own.add(contents(A, LINKS, { 'T(a)': 5 }));
    expect(outcome(own, { oid2: 1n })).toBe('T(a) has 1 rows, the reference names row 1');
    expect(outcome(own, { db: B.toLowerCase() })).toBe('F5 T(a) 0');
    expect(outcome(own, { db: B })).toBe('F5 T(a) 0');
    expect(outcome(own, { db: OLD })).toBe('foreign');
    expect(asked).toEqual([B, OLD]);
  });
});

describe('relocatable storage', () => {
  const links = [link('##Params', PID + 2n, '200'), link('T(a)', PID + 3n, '203'), link('T(b)', PID + 3n, '203')];
  const resolver = new Resolver();
  resolver.add(contents(A, links, { 'T(a)': [PID, PID + 1n, PID + 5n, PID + 5n], 'T(b)': [PID] }));
  const given = { technology: 0x203, oid1: PID + 3n };

  test('OID.second is an index_ref value', () => {
    expect(outcome(resolver, { ...given, oid2: PID + 1n })).toBe('06 T(a) 1');
    expect(outcome(resolver, { ...given, oid2: 1n })).toBe('no row of T(a) has index_ref 0x1');
    expect(outcome(resolver, { ...given, oid2: PID + 5n })).toBe('several rows of T(a) have index_ref 0x3B9400000005');
  });

  test('a container name goes before the link id', () => {
    expect(outcome(resolver, { ...given, oid1: 77n, container: 'T(b)', oid2: PID })).toBe('06 T(b) 0');
    expect(outcome(resolver, { ...given, container: 'T(x)' })).toBe('##Links has no container T(x)');
  });
});

describe('files joined by mergePOOL', () => {
  // two files of 3 links each: the second one's links and rows come behind the first one's
  const links = [link('##Params', 2n), link('T(a)', 3n), link('T(b)', 4n), link('##Params', 2n), link('T(b)', 3n), link('T(a)', 4n)];
  const sections = [
    '[CNT=##Links][OFF=0][START=0][LEN=3]',
    '[CNT=##Links][OFF=3][START=3][LEN=3]',
    '[CNT=T(a)][OFF=0][START=0][LEN=4]',
    '[CNT=T(a)][OFF=3][START=4][LEN=2]',
  ].map(parseSection);
  const resolver = new Resolver();
  resolver.add(contents(A, links, { 'T(a)': 6, 'T(b)': 6 }, { earlierFids: [OLD, B], sections }));

  test('earlier FIDs move link ids and rows', () => {
    expect(outcome(resolver, { db: OLD, oid2: 3n })).toBe('06 T(a) 3');
    expect(outcome(resolver, { db: B, oid1: 4n, oid2: 1n })).toBe('06 T(a) 5');
    expect(outcome(resolver, { db: A, oid2: 5n })).toBe('06 T(a) 5');
  });

  test('earlier FIDs without sections, as hadd leaves them', () => {
    const joined = new Resolver();
    joined.add(contents(A, links, { 'T(a)': 6 }, { earlierFids: [OLD] }));
    expect(outcome(joined, { db: OLD })).toMatch(/no ##Sections/);
    expect(outcome(joined, { db: A })).toBe('06 T(a) 0');
  });

  test('rows outside of the section, links behind it, containers without sections', () => {
    expect(outcome(resolver, { db: OLD, oid2: 4n })).toBe('T(a) has 4 rows, the reference names row 4');
    expect(outcome(resolver, { db: B, oid1: 4n, oid2: 2n })).toBe('T(a) has 2 rows, the reference names row 2');
    expect(outcome(resolver, { db: OLD, oid1: 5n })).toBe('##Links has no link 0x5 in section 0');
    expect(outcome(resolver, { db: B, oid1: 3n })).toBe('##Sections has no section 1 of T(b)');
  });
});

describe('bookkeeping rows', () => {
  test('of sections have all four parts, and numbers', () => {
    const text = '[CNT=Tree(x)][OFF=1][START=20][LEN=3]';
    expect(parseSection(text)).toEqual({ container: 'Tree(x)', offset: 1, start: 20, length: 3 });
    for (const bad of ['', text.slice(1), `${text} `, text.replace('[LEN=3]', ''), text.replace('20', '-20'), text.replace('20', '2x')]) {
      expect(() => parseSection(bad)).toThrow(`not a ##Sections row: found ${JSON.stringify(bad)}`);
    }
  });

  test('of parameters name at least one FID, and no other text in its place', () => {
    const fids = ['06C9EAE8-6F5B-E011-BAAA-003048F0E7AC', 'F53A1735-F61A-4CA4-B25F-DB0E277E2DDC'];
    const params = (...values: string[]) =>
      ['[NAME=FORMAT_VSN][VALUE=1]', ...values.map((value) => `[NAME=FID][VALUE=${value}]`)].map(parseParam);
    expect(fidsOf(params(...fids))).toEqual(fids);
    expect(() => fidsOf(params())).toThrow('##Params has no FID');
    expect(() => fidsOf(params(fids[0] as string, 'F53A1735'))).toThrow('FID is no GUID: found F53A1735');
    expect(() => parseParam('[NAME=FID]')).toThrow('not a ##Params row: found "[NAME=FID]"');
  });
});
