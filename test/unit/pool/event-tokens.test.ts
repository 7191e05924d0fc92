import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { CorruptFileError } from '../../../src/errors.ts';
import { eventTokenBranches, holdsEventTokens, locateTokenTexts } from '../../../src/io/pool/event-tokens.ts';
import { openPoolFile } from '../../../src/io/pool/pool-contents.ts';
import { textOf } from '../../../src/io/pool/places.ts';
import { branchName } from '../../../src/io/root/tree/basket-table.ts';
import { BranchCursor } from '../../../src/io/root/tree/branch-cursor.ts';
import type { TreeReader } from '../../../src/io/root/tree/tree-reader.ts';
import { fixture } from '../../scratch.ts';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import type { StreamerElement, StreamerInfo } from '../../../src/io/root/streamer/streamer-info.ts';

/** Members as `name: type`; a type of BASE makes a base class. */
function info(className: string, members: Record<string, string>): StreamerInfo {
  const elements = Object.entries(members).map(
    ([name, typeName]) =>
      ({ name, typeName, elementClass: typeName === 'BASE' ? 'TStreamerBase' : 'TStreamerObjectAny' }) as StreamerElement,
  );
  return { className, classVersion: 1, checksum: 1, elements } as StreamerInfo;
}

const infos = new InfoSet([
  info('TPCnvToken_p1', { m_converterID: 'unsigned short', m_token: 'string' }),
  info('TPCnvTokenList_p1', { 'vector<TPCnvToken_p1>': 'BASE' }),
  info('TopLevel_p1', { m_tokenList: 'TPCnvTokenList_p1', m_self: 'TopLevel_p1*' }),
  info('Derived_p1', { TopLevel_p1: 'BASE' }),
  info('Plain_p1', { m_x: 'float', m_more: 'vector<Plain_p1>' }),
]);

describe('types that hold tokens of event data', () => {
  it.each([
    ['the token itself', 'TPCnvToken_p1', true],
    ['a collection of them', 'vector<TPCnvToken_p1>', true],
    ['a base class', 'TPCnvTokenList_p1', true],
    ['a member', 'TopLevel_p1', true],
    ['a base class with such a member', 'Derived_p1', true],
    ['a map to them', 'map<int,TopLevel_p1*>', true],
    ['none, though it holds itself', 'Plain_p1', false],
    ['an unknown class', 'Elsewhere', false],
    ['a basic type', 'vector<float>', false],
  ])('%s', (_, typeName, holds) => {
    expect(holdsEventTokens(infos, typeName)).toBe(holds);
  });
});

/** Tokens of each row of the only branch of a tree that has some. */
function tokensOf(file: string, name: string): { branch: string; rows: string[][]; tree: TreeReader } {
  const { file: root, containers } = openPoolFile(fixture(`pool/${file}.root`));
  try {
    const tree = containers.tree(name)?.reader;
    if (tree === undefined) throw new Error(`no tree ${name}`);
    const [found, ...more] = eventTokenBranches(tree);
    if (found === undefined || more.length > 0) throw new Error('one branch was expected');
    const cursor = new BranchCursor(tree, found.branch);
    const rows = Array.from({ length: cursor.entryCount }, (_, row) => found.locate(cursor.entry(row)).map(textOf));
    return { branch: branchName(tree.scan, found.branch), rows, tree };
  } finally {
    root.close();
  }
}

describe('tokens of an object', () => {
  const rowOf = (text: string): number => Number.parseInt(/-([0-9A-F]{16})\]$/.exec(text)?.[1] ?? '', 16);
  // one to three rows of the extension for each of 20 events, one behind the other
  const expected = Array.from({ length: 20 }, (_, event) => 1 + (event % 3)).reduce<{ rows: number[][]; next: number }>(
    ({ rows, next }, count) => ({ rows: [...rows, Array.from({ length: count }, (_, i) => next + i)], next: next + count }),
    { rows: [], next: 0 },
  ).rows;

  it.each([
    ['p5_0', 'CollectionTree', 'm_tokenList.vector<TPCnvToken_p1>.m_token', 'in a branch of their own'],
    ['single_0', 'POOLContainer_PoolVertices_tlp1_Vertices', 'object', 'inside of the whole object'],
    ['single_0', 'POOLContainer_PoolVertices_tlp1_MembersWhole', 'm_tokenList', 'inside of a whole member'],
  ])('%s %s: branch %s, %s', (file, tree, branch) => {
    const found = tokensOf(file, tree);
    expect(found.branch).toBe(branch);
    expect(found.rows.map((texts) => texts.map(rowOf))).toEqual(expected);
    expect(new Set(found.rows.flat().map((text) => text.slice(0, -18))).size).toBe(1);
  });

  it('that does not fit its streamer info is damage', () => {
    const { file, containers } = openPoolFile(fixture('pool/single_0.root'));
    try {
      const tree = containers.tree('POOLContainer_PoolVertices_tlp1_Vertices')?.reader as TreeReader;
      const [found] = eventTokenBranches(tree);
      const entry = new BranchCursor(tree, 0).entry(2);
      expect(() => found?.locate({ ...entry, end: entry.end - 1 })).toThrow(/object data ends too early|bytes left behind/);
    } finally {
      file.close();
    }
  });
});

describe('tokens of all elements of a collection, in one branch', () => {
  const token =
    '[DB=F0000000-0000-4A4B-8C8D-0123456789AB][CNT=Tree(Branch)][CLID=A0000007-1111-4222-8333-444455556666][TECH=00000202][OID=000000000000000A-0000000000000001]';
  const stored = (text: string): Buffer =>
    text.length < 255
      ? Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
      : Buffer.concat([Buffer.from([255, 0, 0, text.length >> 8, text.length & 255]), Buffer.from(text)]);
  const entryOf = (data: Uint8Array, start = 0): Parameters<typeof locateTokenTexts>[0] => ({
    branch: 0,
    basket: 0,
    data,
    start,
    end: data.length,
  });

  it('are found behind their lengths, whatever stands between them', () => {
    const text = fc.constantFrom(token, `${token}[CTXT=00000001]`, `${token}${'x'.repeat(200)}`);
    const between = fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.map((byte) => (byte === 0x5b || byte === 255 ? 0 : byte)));
    fc.assert(
      fc.property(fc.array(fc.tuple(between, text), { maxLength: 6 }), between, fc.nat(7), (parts, last, start) => {
        const data = Buffer.concat([Buffer.alloc(start), ...parts.flatMap(([bytes, each]) => [bytes, stored(each)]), last]);
        expect(locateTokenTexts(entryOf(data, start)).map(textOf)).toEqual(parts.map(([, each]) => each));
      }),
    );
  });

  it('that stand behind no fitting length are damage', () => {
    expect(() => locateTokenTexts(entryOf(Buffer.from(token)))).toThrow(CorruptFileError);
    expect(() => locateTokenTexts(entryOf(stored(token).subarray(0, 100)))).toThrow(/a token has no fitting length/);
    const twoLengths = Buffer.concat([Buffer.from([255, 0, 0, 1]), stored(token)]);
    expect(locateTokenTexts(entryOf(twoLengths)).map(textOf)).toEqual([token]);
    expect(() => locateTokenTexts(entryOf(Buffer.concat([twoLengths, Buffer.alloc(500)])))).toThrow(CorruptFileError);
  });
});
