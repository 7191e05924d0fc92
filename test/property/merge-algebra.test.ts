/** Laws that hold for every merge: they need no second implementation to judge by. */
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { merge } from '../../src/index.ts';
import { fileContents, type ObjectContents } from '../contents.ts';
import { Scratch, fixture } from '../scratch.ts';
import { concatenation as tuplesJoined, tupleContents } from '../unit/rntuple/tuple-contents.ts';
import { concatenation as treesJoined, treeContents } from '../unit/tree/tree-contents.ts';

/** Families of fixtures whose files can be merged in any number and order. */
const FAMILIES = [
  'hists',
  'flat',
  'codec',
  'clusters',
  'special',
  'embedded',
  'objects',
  'ntuple',
  'others',
  'unknown',
  'dirnames',
  'worker',
];
/** With references: merging in two steps is another table of process ids. */
const WITH_REFERENCES = ['refs', 'meta'];

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

function filesOf(family: string): string[] {
  return readdirSync(fixture('.'))
    .filter((name) => new RegExp(`^${family}_\\d+\\.root$`).test(name))
    .sort()
    .map(fixture);
}

let outputs = 0;
async function merged(inputs: readonly string[]): Promise<string> {
  const output = scratch.path(`merged-${outputs++}.root`);
  await merge(inputs, { output });
  return output;
}

/** A cell at the edge of its type saturates: what follows depends on the order, as in ROOT. */
const SATURATES = '/special/edge_int;1';

/** A list of names with what they hold: a difference shows the object. */
function listed(contents: Map<string, ObjectContents>): [string, ObjectContents][] {
  return [...contents].filter(([place]) => place !== SATURATES).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Contents without what rounding may change: sums of doubles in another order. */
function roundedStatistics(contents: ObjectContents): ObjectContents {
  const { digest: _, histogram, ...rest } = contents;
  return histogram === undefined
    ? contents
    : {
        ...rest,
        histogram: {
          ...histogram,
          cells: histogram.cells.map(Number),
          statistics: histogram.statistics.map((s) => Number(s.toPrecision(10))),
          sumw2: histogram.sumw2.map((s) => Number(s.toPrecision(10))),
        },
      };
}

describe.each(FAMILIES)('%s', (family) => {
  const [a, b, c] = filesOf(family) as [string, string, string];
  let all: string;
  beforeAll(async () => {
    all = await merged([a, b, c]);
  });

  it('merged in two steps is merged in one', async () => {
    const twoSteps = await merged([await merged([a, b]), c]);
    expect(listed(fileContents(twoSteps))).toEqual(listed(fileContents(all)));
  });

  it('merged again is the same file, byte by byte', async () => {
    expect(Buffer.compare(readFileSync(await merged([a, b, c])), readFileSync(all))).toBe(0);
  });

  it('merged alone is the file as it was', async () => {
    const [before, after] = [fileContents(b), fileContents(await merged([b]))];
    for (const [place, contents] of after) {
      const isMerged = contents.histogram !== undefined || contents.data !== undefined;
      expect([place, contents]).toEqual([place, before.get(isMerged ? newest(before, place) : place)]);
    }
    expect([...after.keys()].map(name)).toEqual(
      [...new Set([...before.keys()].map(name))].flatMap((n) => [...after.keys()].filter((p) => name(p) === n).map(name)),
    );
  });

  it('merged with itself holds everything twice', async () => {
    const before = fileContents(a);
    for (const [place, { histogram, data, className }] of fileContents(await merged([a, a]))) {
      const path = name(place);
      const once = before.get(newest(before, place));
      if (className === 'ROOT::RNTuple') expect(data).toEqual(twiceTuple(a, path));
      else if (data !== undefined) {
        expect([path, data]).toEqual([path, treesJoined([treeContents(a, path.slice(1)), treeContents(a, path.slice(1))])]);
      } else if (histogram !== undefined && once?.histogram?.pendingFills === 0) {
        expect([path, histogram.entries]).toEqual([path, 2 * once.histogram.entries]);
        if (!path.includes('edge')) expect([path, histogram.cells]).toEqual([path, once.histogram.cells.map((x) => 2 * x)]);
      }
    }
  });
});

describe.each(WITH_REFERENCES)('%s', (family) => {
  it('merged again is the same file, byte by byte; merged in two steps it holds the same entries', async () => {
    const [a, b, c] = filesOf(family) as [string, string, string];
    const all = await merged([a, b, c]);
    expect(Buffer.compare(readFileSync(await merged([a, b, c])), readFileSync(all))).toBe(0);
    const twoSteps = await merged([await merged([a, b]), c]);
    expect([...fileContents(twoSteps).keys()].sort()).toEqual([...fileContents(all).keys()].sort());
    expect(treeContents(twoSteps, 'tree').entries).toBe(treeContents(all, 'tree').entries);
  });
});

describe('the order of the inputs', () => {
  it.each(['hists', 'dirnames'])('does not matter for histograms (%s), beyond rounding', async (family) => {
    const [a, b, c] = filesOf(family) as [string, string, string];
    const [first, second] = [fileContents(await merged([a, b, c])), fileContents(await merged([c, a, b]))];
    const names = (contents: typeof first): string[] => [...contents.keys()].sort();
    expect(names(second)).toEqual(names(first));
    for (const [place, contents] of first) {
      const other = second.get(place);
      if (other === undefined || other.histogram === undefined || place.includes('weighted') || place.includes('sumw2')) continue;
      expect([place, roundedStatistics(other).histogram?.cells]).toEqual([place, roundedStatistics(contents).histogram?.cells]);
      expect([place, roundedStatistics(other).histogram?.statistics]).toEqual([place, roundedStatistics(contents).histogram?.statistics]);
    }
  });

  it('is the order of entries in trees and RNTuples', async () => {
    const [a, b, c] = filesOf('worker') as [string, string, string];
    const output = await merged([c, a, b]);
    expect(treeContents(output, 'events')).toEqual(treesJoined([c, a, b].map((file) => treeContents(file, 'events'))));
    const { entries, pages } = tupleContents(output, '/hits');
    expect({ entries, pages }).toEqual(tuplesJoined([c, a, b].map((file) => tupleContents(file, '/hits'))));
  });
});

function name(place: string): string {
  return place.replace(/;-?\d+$/, '');
}

/** The place of the newest cycle of an object. */
function newest(contents: Map<string, ObjectContents>, place: string): string {
  const cycles = [...contents.keys()]
    .filter((other) => name(other) === name(place))
    .map((other) => Number(other.slice(name(place).length + 1)));
  return `${name(place)};${Math.max(...cycles)}`;
}

function twiceTuple(file: string, path: string): unknown {
  const once = tupleContents(file, path);
  const { entries, pages } = tuplesJoined([once, once]);
  return { entries, pages: Object.fromEntries(pages) };
}
