/** Entry lists: entries of one tree are united, lists of several trees stand side by side; of no tree they are kept. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { compareEntries } from '../../../src/diff/histogram/expected-entries.ts';
import { DifferenceList } from '../../../src/diff/object/difference.ts';
import { member, numberOf, setNumber, targetOf, textOf } from '../../../src/io/root/streamer/member.ts';
import { arrayOf, listItems, setArray } from '../../../src/io/root/streamer/member-list.ts';
import type { ObjectNode, SpanNode } from '../../../src/io/root/streamer/span-graph.ts';
import { addEntries, namesTrees } from '../../../src/merge/additive/add-entries.ts';
import { uniteBlocks } from '../../../src/merge/additive/entry-blocks.ts';
import { merge } from '../../../src/merge/merge.ts';
import { nodeOf } from '../../objects.ts';
import { Scratch, fixture } from '../../scratch.ts';

const INPUTS = ['dimensions_0.root', 'dimensions_1.root', 'dimensions_2.root'].map(fixture);
const WORKERS = [0, 1, 2];
const BLOCK = 64_000;

/** What the generator entered. */
const SAME = (worker: number): number[] => [...Array.from({ length: 10 + worker }, (_, i) => 3 * i + worker), BLOCK * worker + 5];
const OTHER = (worker: number): number[] => Array.from({ length: 10 + worker }, (_, i) => i * i);

const sorted = (entries: readonly number[]): number[] => [...new Set(entries)].sort((a, b) => a - b);

function blockEntries(block: SpanNode): number[] {
  const array = arrayOf(block, 'fIndices');
  if (array === null) throw new Error('no entries');
  const view = new DataView(array.bytes.buffer, array.bytes.byteOffset);
  const stored = Array.from({ length: array.count }, (_, i) => view.getUint16(array.start + 2 * i));
  const all = Array.from({ length: BLOCK }, (_, i) => i);
  if (numberOf(block, 'fType') === 0 && stored.length > 0) return all.filter((i) => (((stored[i >> 4] as number) >> (i & 15)) & 1) === 1);
  const listed = new Set(stored);
  return numberOf(block, 'fPassing') === 0 ? all.filter((i) => !listed.has(i)) : stored;
}

/** Entries by tree and file. */
function entriesOf(list: ObjectNode): Record<string, number[]> {
  const lists = targetOf(member(list, 'fLists'));
  const parts = lists === null ? [list] : listItems(lists).map(({ target }) => target as ObjectNode);
  return Object.fromEntries(
    parts.map((part) => {
      const blocks = listItems(member(part, 'fBlocks') as SpanNode);
      expect(blocks.length).toBe(numberOf(part, 'fNBlocks'));
      const entries = blocks.flatMap(({ target }, k) => blockEntries(target as ObjectNode).map((entry) => k * BLOCK + entry));
      expect(numberOf(part, 'fN')).toBe(entries.length);
      return [`${textOf(part, 'fTreeName')} of ${textOf(part, 'fFileName')}`, entries];
    }),
  );
}

describe('merged files', () => {
  it('hold the entries of every tree, and pool-diff finds them right', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const include = ['/entries/*'];
    const { diagnostics, targets } = await merge(INPUTS, { output, include });
    expect(targets.filter(({ cycles }) => cycles > 0).map(({ path, cycles }) => [path, cycles])).toEqual([
      ['/entries/same', 1],
      ['/entries/other', 1],
      ['/entries/chain', 1],
      ['/entries/none', 3],
      ['/entries/events', 3],
    ]);
    expect(diagnostics.map(({ code, path }) => [code, path])).toEqual([
      ['parts-not-added', '/entries/none'],
      ['parts-not-added', '/entries/events'],
    ]);
    const same = { 'tree of /data/input.root': sorted(WORKERS.flatMap(SAME)) };
    const others = Object.fromEntries(WORKERS.map((worker) => [`tree of /data/input_${worker}.root`, OTHER(worker)]));
    expect(entriesOf(nodeOf(output, '/entries/same'))).toEqual(same);
    expect(entriesOf(nodeOf(output, '/entries/other'))).toEqual(others);
    expect(entriesOf(nodeOf(output, '/entries/chain'))).toEqual({ ...same, ...others });
    expect(numberOf(nodeOf(output, '/entries/chain'), 'fN')).toBe(Object.values({ ...same, ...others }).flat().length);
    expect((await diffMerged(output, INPUTS, { include })).objects.filter(({ verdict }) => verdict !== 'right')).toEqual([]);
    const lacking = (await diffMerged(output, INPUTS.slice(0, 2), { include })).objects.filter(({ verdict }) => verdict === 'altered');
    expect(lacking[0]).toMatchObject({
      path: '/entries/same',
      differences: [{ at: 'tree of /data/input.root', left: '"35 entries"', right: '"23 entries"' }],
    });
  });
});

describe('lists', () => {
  const lists = (path: string): [ObjectNode, ObjectNode] => [nodeOf(INPUTS[0] as string, path), nodeOf(INPUTS[1] as string, path)];

  it('of no tree are told from those of one, unless they are empty', () => {
    const [none, same] = [nodeOf(INPUTS[0] as string, '/entries/none'), nodeOf(INPUTS[0] as string, '/entries/same')];
    expect([namesTrees(none), namesTrees(same)]).toEqual([false, true]);
    setNumber(none, 'fN', 0);
    expect(namesTrees(none)).toBe(true);
    addEntries(none, same);
    expect(entriesOf(none)).toEqual(entriesOf(same));
  });

  it('of several trees take the entries of one', () => {
    const [chain] = lists('/entries/chain');
    const [, other] = lists('/entries/other');
    addEntries(chain, other);
    expect(Object.keys(entriesOf(chain))).toEqual(['tree of /data/input.root', 'tree of /data/input_0.root', 'tree of /data/input_1.root']);
    expect(numberOf(chain, 'fN')).toBe(Object.values(entriesOf(chain)).flat().length);
  });
});

describe('blocks', () => {
  const forms = fc.constantFrom('bits', 'passing', 'not passing');
  const entries = fc
    .tuple(fc.uniqueArray(fc.integer({ min: 0, max: BLOCK - 1 }), { maxLength: 50 }), fc.boolean())
    .map(([some, isRest]): number[] => {
      const set = new Set(some);
      return isRest ? Array.from({ length: BLOCK }, (_, i) => i).filter((i) => !set.has(i)) : sorted(some);
    });

  function blockOf(passing: readonly number[], form: string): SpanNode {
    const block = listItems(member(nodeOf(INPUTS[0] as string, '/entries/same'), 'fBlocks') as SpanNode)[0]?.target as ObjectNode;
    const set = new Set(passing);
    const stored =
      form === 'bits'
        ? Array.from({ length: BLOCK / 16 }, (_, i) =>
            Array.from({ length: 16 }, (_, k) => (set.has(16 * i + k) ? 2 ** k : 0)).reduce((a, b) => a + b),
          )
        : form === 'passing'
          ? passing
          : Array.from({ length: BLOCK }, (_, i) => i).filter((i) => !set.has(i));
    const bytes = Buffer.alloc(2 * stored.length);
    stored.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i));
    setArray(block, 'fIndices', bytes);
    setNumber(block, 'fNPassed', form === 'bits' ? passing.length : stored.length);
    setNumber(block, 'fType', Number(form !== 'bits'));
    setNumber(block, 'fPassing', Number(form !== 'not passing'));
    return block;
  }

  it('have the entries of both, however they are stored, and are stored as ROOT does', () => {
    fc.assert(
      fc.property(entries, forms, entries, forms, (a, formA, b, formB) => {
        const [sum, next] = [blockOf(a, formA), blockOf(b, formB)];
        const expected = sorted([...a, ...b]);
        expect(uniteBlocks(sum, next)).toBe(expected.length - a.length);
        expect(blockEntries(sum)).toEqual(expected);
        expect(blockEntries(next)).toEqual(b);
        if (expected.length === a.length) return;
        const isPassing = expected.length <= 60_000;
        expect([numberOf(sum, 'fPassing') === 1, numberOf(sum, 'fType'), numberOf(sum, 'fNPassed')]).toEqual([
          isPassing,
          1,
          isPassing ? expected.length : BLOCK - expected.length,
        ]);
        expect(numberOf(sum, 'fN')).toBe(numberOf(sum, 'fNPassed'));
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    [3999, 1, 1],
    [4000, 0, 1],
    [60_000, 0, 1],
    [60_001, 1, 0],
  ])('of %i entries that pass have type %i', (count, type, passing) => {
    const all = Array.from({ length: count }, (_, i) => i);
    const sum = blockOf(all.slice(0, 1000), 'bits');
    expect(uniteBlocks(sum, blockOf(all.slice(500), 'bits'))).toBe(count - 1000);
    expect([numberOf(sum, 'fType'), numberOf(sum, 'fPassing')]).toEqual([type, passing]);
    expect(numberOf(sum, 'fNPassed')).toBe(passing === 1 ? count : BLOCK - count);
    expect(blockEntries(sum).length).toBe(count);
  });

  it('that hold other than the entries of a block are damage', () => {
    const good = blockOf([5], 'passing');
    const cut = blockOf([5], 'bits');
    setArray(cut, 'fIndices', new Uint8Array(2 * 3999));
    expect(() => uniteBlocks(good, cut)).toThrow('a block of entries of another size: expected 4000, found 3999');
    const beyond = blockOf([BLOCK - 1], 'passing');
    expect(uniteBlocks(good, beyond)).toBe(1);
    setArray(beyond, 'fIndices', Uint8Array.of(BLOCK >> 8, BLOCK & 0xff));
    expect(() => uniteBlocks(good, beyond)).toThrow('an entry beyond its block: expected less than 64000, found 64000');
  });
});

it('an output is not blamed for entries that ROOT miscounted while it filled an input', () => {
  const [input, out] = [0, 0].map((worker) => nodeOf(INPUTS[worker] as string, '/entries/same')) as [ObjectNode, ObjectNode];
  const differences = (): string[] => {
    const found = new DifferenceList(10);
    compareEntries(out, [input], found);
    return found.first.map(({ at }) => at);
  };
  setNumber(out, 'fN', numberOf(out, 'fN') - 1);
  expect(differences()).toEqual(['fN']);
  setNumber(input, 'fN', numberOf(input, 'fN') - 1);
  expect(differences()).toEqual([]);
});
