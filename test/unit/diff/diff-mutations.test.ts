/** Every single change of a file is found, and named where it is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diffFiles } from '../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import type { DiffReport } from '../../../src/diff/diff-report.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { changed, histogramPlaces, pagePlaces, random, sealPage, treePlaces, type Place } from './mutations.ts';

const ROUNDS = 60;
const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

/** Objects that differ, with where. */
function found(report: DiffReport): [path: string, at: string][] {
  return report.objects.filter(({ verdict }) => verdict !== 'same' && verdict !== 'right').flatMap(({ path, differences }) => differences.map(({ at }): [string, string] => [path, at]));
}

function expectFound(report: DiffReport, place: Place): void {
  const all = found(report);
  expect(all.length, `${place.path} ${place.at}`).toBeGreaterThan(0);
  for (const [path, at] of all) {
    expect(path).toBe(place.path);
    expect(at.startsWith(place.at), `${at} instead of ${place.at}`).toBe(true);
  }
}

/** A merge of the inputs that is stored uncompressed. */
async function uncompressed(name: string, inputs: readonly string[]): Promise<string> {
  await merge(inputs, { output: scratch.path(name), compression: 0 });
  return scratch.path(name);
}

describe('one change', () => {
  const histograms = [0, 1, 2].map((i) => fixture(`hists_${i}.root`));
  const trees = [0, 1].map((i) => fixture(`flat_${i}.root`));
  const tuples = ['ixvw_0', 'ixvw_0'].map((name) => fixture(`rntuple/${name}.root`));
  let [histogramFile, treeFile, tupleFile] = ['', '', ''];
  beforeAll(async () => {
    histogramFile = await uncompressed('hists.root', histograms);
    treeFile = await uncompressed('flat.root', trees);
    tupleFile = await uncompressed('tuple.root', tuples);
  });

  async function compare(copy: Buffer, whole: string, inputs: readonly string[], place: Place): Promise<void> {
    const path = scratch.path('changed.root');
    writeFileSync(path, copy);
    expectFound(await diffFiles(path, whole), place);
    expectFound(await diffMerged(path, inputs, { include: [place.path] }), place);
  }

  it('of a bin, an error or a label is found', async () => {
    const pick = random(1);
    // of fills that are in no bin, entries alone are judged; rounding is allowed in the last bits of sums
    const places = histogramPlaces(histogramFile).filter(({ path }) => !path.includes('buffer') && !path.includes('edge') && !path.includes('nan'));
    expect(places.filter(({ at }) => at === 'fXaxis.fLabels').length).toBeGreaterThan(0);
    for (let round = 0; round < ROUNDS; round++) {
      const place = places[pick(places.length)] as Place;
      const copy = readFileSync(histogramFile);
      copy[place.offset] = (copy[place.offset] as number) ^ (place.bytes > 1 ? 0x01 : 0x04); // the highest byte of a number
      const path = scratch.path('changed.root');
      writeFileSync(path, copy);
      expectFound(await diffFiles(path, histogramFile), place);
      const merged = await diffMerged(path, histograms, { include: [place.path] });
      expect(merged.isSame, `${place.path} ${place.at}`).toBe(false);
    }
  });

  it('of an entry of a branch is found', async () => {
    const pick = random(2);
    const places = treePlaces(treeFile).filter(({ bytes }) => bytes > 0);
    for (let round = 0; round < ROUNDS; round++) {
      const place = places[pick(places.length)] as Place;
      await compare(changed(treeFile, place, pick), treeFile, trees, place);
    }
  });

  it('of the order of two entries is found', async () => {
    const pick = random(3);
    const places = treePlaces(treeFile).filter(({ at }) => at.startsWith('i['));
    for (let round = 0; round < ROUNDS / 4; round++) {
      const [a, b] = [places[pick(places.length)] as Place, places[pick(places.length)] as Place];
      if (a.path !== b.path || a.at === b.at) continue;
      const copy = readFileSync(treeFile);
      const [x, y] = [a, b].map(({ offset, bytes }) => Buffer.from(copy.subarray(offset, offset + bytes))) as [Buffer, Buffer];
      copy.set(y, a.offset);
      copy.set(x, b.offset);
      writeFileSync(scratch.path('changed.root'), copy);
      const all = found(await diffMerged(scratch.path('changed.root'), trees));
      expect(all.map(([path, at]) => `${path} ${at}`).sort()).toEqual([a, b].map(({ path, at }) => `${path} ${at}`).sort());
    }
  });

  it('of an element of an RNTuple is found', async () => {
    const pick = random(4);
    const places = pagePlaces(tupleFile);
    expect(places.length).toBeGreaterThan(0);
    for (let round = 0; round < ROUNDS; round++) {
      const place = places[pick(places.length)] as (typeof places)[number];
      const copy = changed(tupleFile, place, pick);
      if (place.hasChecksum) sealPage(copy, place);
      await compare(copy, tupleFile, tuples, place);
    }
  });
});

describe('a dropped input', () => {
  it.each(['hists', 'flat', 'objects', 'ntuple', 'worker'])('of %s is called lost', async (family) => {
    const inputs = [0, 1, 2].map((i) => fixture(`${family}_${i}.root`));
    const output = scratch.path(`${family}-short.root`);
    await merge(inputs.slice(0, 2), { output });
    const report = await diffMerged(output, inputs);
    expect(report.isSame).toBe(false);
    expect(report.counts.lost).toBeGreaterThan(0);
    const whole = scratch.path(`${family}-whole.root`);
    await merge(inputs, { output: whole });
    const added = await diffMerged(whole, inputs.slice(0, 2));
    expect(added.counts.added).toBeGreaterThan(0);
  });
});
