/** Entries in other orders: joined by keys, by content, in ranges; of trees and RNTuples. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { diffFiles } from '../../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import { EntryDigests, joinDigests } from '../../../../src/diff/entries/entry-digests.ts';
import { parseEntryRanges } from '../../../../src/diff/entries/entry-selection.ts';
import type { DiffOptions, ObjectComparison } from '../../../../src/diff/diff-report.ts';
import { UsageError } from '../../../../src/errors.ts';
import { createRootFile } from '../../../../src/index.ts';
import { merge } from '../../../../src/merge/merge.ts';
import { Scratch } from '../../../scratch.ts';
import { random } from '../mutations.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

interface Event {
  run: number;
  event: bigint;
  pt: number[];
  tracks: number[];
  name: string;
}

const COLUMNS = [
  { name: 'run', type: 'uint32' },
  { name: 'event', type: 'uint64' },
  { name: 'n', type: 'int32' },
  { name: 'pt', type: 'float32', counter: 'n' },
  { name: 'tracks', type: 'vector<int32>' },
  { name: 'name', type: 'string' },
] as const;

function eventOf(i: number): Event {
  return {
    run: 1 + (i % 3),
    event: BigInt(1000 + i),
    pt: Array.from({ length: i % 4 }, (_, k) => i + k / 4),
    tracks: Array.from({ length: (i * 7) % 5 }, (_, k) => i * k),
    name: `event ${'x'.repeat(i % 6)}${i}`,
  };
}

const EVENTS = Array.from({ length: 300 }, (_, i) => eventOf(i));

let files = 0;

/** A file with the events as tree and as RNTuple, in small baskets and clusters of another size each time. */
function fileOf(events: readonly Event[]): string {
  const path = scratch.path(`events_${files++}.root`);
  const file = createRootFile(path);
  const tree = file.bookTree('/', { name: 'tree', columns: [...COLUMNS], basketBytes: 400 + 100 * (files % 5) });
  const tuple = file.bookTuple('/', { name: 'tuple', columns: [...COLUMNS], clusterSize: 20 + (files % 7) });
  for (const { run, event, pt, tracks, name } of events) {
    tree.fill({ run, event, pt, tracks, name });
    tuple.fill({ run, event, pt, tracks, name });
  }
  file.close();
  return path;
}

/** The same in an order that follows from a seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const pick = random(seed);
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = pick(i + 1);
    [all[i], all[j]] = [all[j] as T, all[i] as T];
  }
  return all;
}

const whole = fileOf(EVENTS);
const mixed = fileOf(shuffled(EVENTS, 1));
const KEYS: DiffOptions = { match: ['run', 'event'], maxDiffs: 1000 };

async function objectsOf(left: string, right: string, options: DiffOptions): Promise<[ObjectComparison, ObjectComparison]> {
  const { objects } = await diffFiles(left, right, options);
  return ['/tree', '/tuple'].map((path) => objects.find((each) => each.path === path)) as [ObjectComparison, ObjectComparison];
}

function differencesOf({ differences }: ObjectComparison): string[] {
  return differences.map(({ at, left, right }) => `${at}: ${left} | ${right}`);
}

describe('entries in another order', () => {
  it('differ in order, and are the same by key and by content', async () => {
    expect((await objectsOf(whole, mixed, {})).map(({ verdict }) => verdict)).toEqual(['different', 'different']);
    for (const options of [KEYS, { match: ['event'] }, { order: 'any' }] as DiffOptions[]) {
      const objects = await objectsOf(whole, mixed, options);
      expect(objects.map(({ path, verdict, differences }) => [path, verdict, differences])).toEqual([
        ['/tree', 'same', []],
        ['/tuple', 'same', []],
      ]);
    }
  });

  it('that changed are named on both sides, with their keys', async () => {
    const changed = EVENTS.map((each, i) =>
      i === 17 ? { ...each, pt: [(each.pt[0] as number) + 1], tracks: [9, 9], name: 'other' } : each,
    );
    const at = shuffled(EVENTS, 2).findIndex(({ event }) => event === 1017n);
    const objects = await objectsOf(whole, fileOf(shuffled(changed, 2)), KEYS);
    for (const object of objects) {
      const place = `[17]~[${at}] (run=3, event=1017)`;
      expect(object.differences.every(({ at: where }) => where.includes(place))).toBe(true);
      expect(new Set(object.differences.map(({ at: where }) => where.slice(0, where.indexOf('['))))).toEqual(
        new Set(object.path === '/tree' ? ['pt', 'tracks', 'name'] : ['pt._0', 'tracks', 'tracks._0', 'name', 'name (characters)']),
      );
    }
    expect(differencesOf(objects[0])).toContain(`name[17]~[${at}] (run=3, event=1017): "event xxxxx17" | "other"`);
    const any = await objectsOf(whole, fileOf(shuffled(changed, 2)), { order: 'any', maxDiffs: 1000 });
    for (const object of any) expect(object.differences.every(({ at: where }) => where.includes(`[17]~[${at}]`))).toBe(true);
  });

  it('that are missing, further, or there more often are named with their keys', async () => {
    const dropped = EVENTS.filter((_, i) => i !== 40);
    const twice = shuffled([...dropped, eventOf(7), { ...eventOf(0), event: 5n }], 3);
    const [seven, extra] = [twice.findLastIndex(({ event }) => event === 1007n), twice.findIndex(({ event }) => event === 5n)];
    for (const object of await objectsOf(whole, fileOf(twice), KEYS)) {
      expect(differencesOf(object).sort()).toEqual(
        [
          'entries: 300 | 301',
          'entry 40 (run=2, event=1040): "present" | "absent"',
          `entry ${extra} (run=1, event=5): "absent" | "present"`,
          `entry ${seven} (run=2, event=1007): "absent" | "present"`,
        ].sort(),
      );
    }
  });

  it('with equal keys are told apart by their content', async () => {
    const some = [0, 1, 2, 3].map((i) => ({ ...eventOf(i), run: 1, event: 1n }));
    for (const seed of [1, 2, 3, 4]) expect((await diffFiles(fileOf(some), fileOf(shuffled(some, seed)), KEYS)).isSame).toBe(true);
    const other = some.map((each, i) => (i === 2 ? { ...each, name: 'changed' } : each));
    for (const object of await objectsOf(fileOf(some), fileOf(shuffled(other, 5)), KEYS)) {
      expect(object.verdict).toBe('different');
      expect(object.differences.every(({ at }) => at.startsWith('name'))).toBe(true);
    }
  });

  it('of a merge are joined over all inputs', async () => {
    const inputs = [EVENTS.slice(0, 100), EVENTS.slice(100, 170), EVENTS.slice(170)].map(fileOf);
    const output = scratch.path('merged.root');
    await merge(inputs, { output, force: true });
    const other = [inputs[2], inputs[0], inputs[1]] as string[];
    expect((await diffMerged(output, other)).isSame).toBe(false);
    for (const options of [KEYS, { order: 'any' }] as DiffOptions[]) {
      const report = await diffMerged(output, other, options);
      expect(report.objects.map(({ verdict, differences }) => [verdict, differences])).toEqual([
        ['right', []],
        ['right', []],
      ]);
      const short = await diffMerged(output, [...other, fileOf([{ ...eventOf(1), event: 1n }])], options);
      expect(short.counts).toEqual({ lost: 2 });
    }
  });

  it('are found by a property: any order of any events is the same, one change never is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { minLength: 1, maxLength: 30 }), fc.nat(1000), async (numbers, seed) => {
        const events = numbers.map(eventOf);
        const [a, b] = [fileOf(events), fileOf(shuffled(events, seed))];
        expect((await diffFiles(a, b, { order: 'any' })).isSame).toBe(true);
        expect((await diffFiles(a, b, KEYS)).isSame).toBe(true);
        const changed = shuffled(
          events.map((each, i) => (i === seed % events.length ? { ...each, tracks: [...each.tracks, -1] } : each)),
          seed,
        );
        expect((await diffFiles(a, fileOf(changed), { order: 'any' })).counts.different).toBe(2);
        expect((await diffFiles(a, fileOf(changed), KEYS)).counts.different).toBe(2);
      }),
      { numRuns: 15 },
    );
  });
});

describe('entries in ranges', () => {
  const late = fileOf(EVENTS.map((each, i) => (i >= 200 ? { ...each, run: 99 } : each)));

  it('alone are compared', async () => {
    const same = await diffFiles(whole, late, { entries: '0:200' });
    expect(same.isSame).toBe(true);
    expect(same.objects.map(({ notes }) => notes)).toEqual([['only entries 0:200 are compared'], ['only entries 0:200 are compared']]);
    const objects = await objectsOf(whole, late, { entries: '150:203,:2', maxDiffs: 100 });
    for (const object of objects) expect(object.differences.map(({ at }) => at)).toEqual(['run[200]', 'run[201]', 'run[202]']);
    expect((await objectsOf(whole, late, { entries: '299' }))[0].differences).toEqual([{ at: 'run[299]', left: '3', right: '99' }]);
  });

  it('count only where both sides have them', async () => {
    const short = fileOf(EVENTS.slice(0, 120));
    expect((await diffFiles(whole, short, { entries: '0:120' })).isSame).toBe(true);
    expect(differencesOf((await objectsOf(whole, short, { entries: '100:' }))[0])).toEqual(['entries: 200 | 20']);
  });

  it('pick what is joined of the first file', async () => {
    expect((await diffFiles(whole, mixed, { ...KEYS, entries: '10:20' })).isSame).toBe(true);
    expect((await diffFiles(whole, mixed, { order: 'any', entries: '10:20' })).isSame).toBe(true);
    expect(differencesOf((await objectsOf(whole, fileOf(EVENTS.slice(15)), { ...KEYS, entries: '14:16' }))[0])).toEqual([
      'entry 14 (run=3, event=1014): "present" | "absent"',
    ]);
  });

  it('are parsed, joined and sorted', () => {
    expect(parseEntryRanges('5, 0:3,2:4,10:')).toEqual([
      { first: 0, end: 4 },
      { first: 5, end: 6 },
      { first: 10, end: Infinity },
    ]);
    for (const text of ['', 'a', '3:1', '1:1', '-1:3', ':0', '1,']) expect(() => parseEntryRanges(text), text).toThrow(UsageError);
  });
});

describe('keys', () => {
  it('that nothing has are an error', async () => {
    await expect(diffFiles(whole, mixed, { match: ['run', 'lumi'] })).rejects.toThrow(
      'no tree and no RNTuple that was compared has all of run, lumi on both sides',
    );
  });

  it('may be left out of what is compared', async () => {
    expect((await diffFiles(whole, mixed, { ...KEYS, branches: ['name', 'tracks'] })).isSame).toBe(true);
  });
});

describe('branches', () => {
  const other = fileOf(EVENTS.map((each) => ({ ...each, run: 5, name: 'other' })));

  it('are chosen by name and by path, and what is left out is said', async () => {
    expect((await diffFiles(whole, other, { branches: ['pt', 'n'] })).isSame).toBe(true);
    expect((await objectsOf(whole, other, { branches: ['/tree/pt'] })).map(({ notes }) => notes)[0]).toEqual([
      'left out by choice of branches: run, event, n, tracks, name',
    ]);
    expect((await objectsOf(whole, other, { branches: ['run'] })).map(({ differenceCount }) => differenceCount)).toEqual([300, 300]);
  });
});

describe('digests', () => {
  it('join equal entries only, each once', () => {
    const digestsOf = (texts: readonly string[]): EntryDigests => {
      const digests = new EntryDigests(texts.length);
      texts.forEach((text, i) => digests.add(i, Buffer.from(text), 0, text.length));
      return digests;
    };
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 })), fc.array(fc.string({ maxLength: 3 })), (a, b) => {
        const join = joinDigests(digestsOf(a), digestsOf(b));
        join.left.forEach((l, i) => expect(Buffer.from(a[l] as string)).toEqual(Buffer.from(b[join.right[i] as number] as string)));
        const count = (list: readonly string[], text: string): number => list.filter((each) => each === text).length;
        const common = [...new Set(a)].reduce((sum, text) => sum + Math.min(count(a, text), count(b, text)), 0);
        expect(join.left.length).toBe(common);
        expect([join.leftOnly.length, join.rightOnly.length]).toEqual([a.length - common, b.length - common]);
        expect(join.rightRepeated.map((j) => b[j])).toEqual(b.filter((text) => count(a, text) > 1 || count(b, text) > 1));
      }),
    );
  });
});

describe("what ATLAS' own comparison leaves out", () => {
  function atlasFile(name: string, value: number): string {
    const path = scratch.path(name);
    const file = createRootFile(path);
    const names = ['Token', 'index_ref', 'HLT_timings', 'HLT_mems', 'TrigCostContainer_x', 'm_athenabarcode', 'm_token', 'Tokens', 'pt'];
    const tree = file.bookTree('/', { name: 'tree', columns: names.map((each) => ({ name: each, type: 'int32' })) });
    tree.fill(Object.fromEntries(names.map((each) => [each, each === 'pt' ? 1 : value])));
    file.close();
    return path;
  }
  const [a, b] = [atlasFile('atlas_a.root', 1), atlasFile('atlas_b.root', 2)];

  it('is left out when asked, and named', async () => {
    const [object] = (await diffFiles(a, b, { atlasDefaults: true })).objects;
    expect(object?.differences.map(({ at }) => at)).toEqual(['m_athenabarcode[0]', 'm_token[0]', 'Tokens[0]']);
    expect(object?.notes).toEqual(["left out by ATLAS' defaults: Token, index_ref, HLT_timings, HLT_mems, TrigCostContainer_x"]);
  });

  it('or compared and not counted', async () => {
    const [object] = (await diffFiles(a, b, { knownHacks: true, exclude: ['Token', 'index_ref', 'HLT_*', 'TrigCost*'] })).objects;
    expect(object?.differences.map(({ at }) => at)).toEqual(['Tokens[0]']);
    expect(object?.notes).toEqual([
      'm_athenabarcode: 1 difference known to be harmless, not counted; the first at m_athenabarcode[0]',
      'm_token: 1 difference known to be harmless, not counted; the first at m_token[0]',
      'left out by choice of branches: Token, index_ref, HLT_timings, HLT_mems, TrigCostContainer_x',
    ]);
  });
});
