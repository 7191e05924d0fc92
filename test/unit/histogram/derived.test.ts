/** Histograms of classes that derive from TH1 and its kin add as these do. */
import { afterAll, describe, expect, it } from 'vitest';
import { merge, type MergeReport } from '../../../src/index.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import { numberOf, textOf } from '../../../src/io/root/streamer/member.ts';
import { parseInfoSet } from '../../../src/io/root/streamer/parse-infos.ts';
import { listItems } from '../../../src/io/root/streamer/member-list.ts';
import { graphOfPart, type ObjectNode, type SpanGraph } from '../../../src/io/root/streamer/span-graph.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { derivedKind } from '../../../src/merge/histogram/derived-histogram.ts';
import { decodeHistogram } from '../../../src/merge/histogram/histogram.ts';
import { histogramKind, type HistogramKind } from '../../../src/merge/histogram/histogram-kind.ts';
import { fixture, Scratch } from '../../scratch.ts';
import { base, info } from '../streamer/sample-infos.ts';

const INPUTS = [0, 1, 2].map((worker) => fixture(`derived_${worker}.root`));
const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

/** Infos and objects of a file, by name. */
function contents(path: string): { infos: InfoSet; objects: Map<string, SpanGraph> } {
  using file = openRootFile(path);
  const stored = file.readInfos();
  const infos = stored === undefined ? new InfoSet() : parseInfoSet(stored.payload, stored.key.keylen);
  const { keys } = file.root;
  const objects = Array.from({ length: keys.count }, (_, i) => {
    const { key, payload } = file.readObject(file.root, i);
    return [key.name, walkObject(payload, key.keylen, key.className, infos)] as const;
  });
  return { infos, objects: new Map(objects) };
}

async function merged(): Promise<{ report: MergeReport; objects: Map<string, SpanGraph> }> {
  const output = scratch.path('out.root');
  const report = await merge(INPUTS, { output, force: true });
  return { report, objects: contents(output).objects };
}

describe('a class derived from a histogram', () => {
  it('is known by the streamer infos', () => {
    const { infos } = contents(INPUTS[0] as string);
    const kindOf = (className: string): string | undefined => derivedKind(className, infos)?.className;
    expect(['FixtureHist', 'FixtureProfile', 'FixtureHistOfHist'].map(kindOf)).toEqual(['TH1F', 'TProfile2D', 'TH1F']);
    expect(['TH1F', 'TNamed', 'TH2Poly', 'TH1K', 'Unheard'].map(kindOf)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    const own = (...names: string[]) => new InfoSet(names.map((name) => info(name, [base('TH1F', 3)])));
    const withRules = ['TH1K', 'TProfile2Poly', 'TNtuple']; // what derives from a histogram, but is known to be something else
    expect(['Mine', ...withRules].map((name) => derivedKind(name, own('Mine', ...withRules))?.className)).toEqual([
      'TH1F',
      undefined,
      undefined,
      undefined,
    ]);
    const loop = new InfoSet([
      {
        className: 'A',
        classVersion: 1,
        checksum: 0,
        elements: infos.all('FixtureHist').flatMap(({ elements }) => elements.map((each) => ({ ...each, name: 'A' }))),
      },
    ]);
    expect(derivedKind('A', loop)).toBeUndefined();
  });

  it.each([
    ['plain', 'TH1F', 3 * 5],
    ['twice', 'TH1F', 3 * 5],
    ['profile', 'TProfile2D', 3 * 5],
  ])('%s adds as a %s', async (name, base, entries) => {
    const { report, objects } = await merged();
    const kind = histogramKind(base) as HistogramKind;
    const sum = decodeHistogram(objects.get(name) as SpanGraph, kind);
    const parts = INPUTS.map((path) => decodeHistogram(contents(path).objects.get(name) as SpanGraph, kind));
    expect(sum.entries).toBe(entries);
    expect(Array.from(sum.cells as Float64Array)).toEqual(
      Array.from(sum.binEntries.length > 0 ? sum.binEntries : sum.sumw2, (_, i) =>
        parts.reduce((total, { cells }) => total + Number(cells[i]), 0),
      ),
    );
    expect(Array.from(sum.statistics)).toEqual(
      Array.from(sum.statistics, (_, i) => parts.reduce((total, { statistics }) => total + (statistics[i] as number), 0)),
    );
    expect(report.targets.find(({ path }) => path === `/${name}`)).toMatchObject({ disposition: 'add' });
  });

  it('adds as an element of a list too', async () => {
    const { objects, report } = await merged();
    const elements = (graph: SpanGraph): SpanGraph[] => listItems(graph.root).map(({ target }) => graphOfPart(target as ObjectNode));
    const all = [objects.get('list')!, ...INPUTS.map((path) => contents(path).objects.get('list')!)].map(elements);
    expect(all.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    const [sum, ...parts] = all.map(([first]) => decodeHistogram(first!, histogramKind('TH1F') as HistogramKind));
    expect(sum?.entries).toBe(15);
    expect(Array.from(sum?.sumw2 ?? [])).toEqual(
      Array.from(sum?.sumw2 ?? [], (_, i) => parts.reduce((total, { sumw2, cells }) => total + (sumw2[i] ?? Number(cells[i])), 0)),
    );
    expect(report.targets.find(({ path }) => path === '/list')).toMatchObject({ disposition: 'add' });
  });

  it("keeps members of its own: the first input's, which is told where they differ", async () => {
    const { report, objects } = await merged();
    expect([numberOf(objects.get('differing')!.root, 'number'), textOf(objects.get('differing')!.root, 'text')]).toEqual([9, 'kept']);
    expect(numberOf(objects.get('twice')!.root, 'scale')).toBe(2.5);
    expect(report.diagnostics.map(({ code, path }) => [code, path])).toEqual([
      ['older-cycles', '/plain'],
      ['own-members-kept', '/differing'],
    ]);
  });
});
