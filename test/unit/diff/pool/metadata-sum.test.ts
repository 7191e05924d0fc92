/** One row of metadata for several: a right sum is right in every kind of file, and every change of it is found in its container. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import type { DiffReport } from '../../../../src/diff/diff-report.ts';
import { INDEX_NAME } from '../../../../src/io/pool/containers.ts';
import { merge } from '../../../../src/merge/merge.ts';
import { Scratch } from '../../../scratch.ts';
import { workers } from '../../merge/pool/pool-files.ts';
import { changed, random, treePlaces } from '../mutations.ts';

/** Changes of each kind of files, or as many as fit into some seconds. */
const ROUNDS = Number(process.env['POOL_MERGE_SUM_ROUNDS'] ?? 60);
const SECONDS = 1;
const FAMILIES = ['single', 'indexmore', 'p5unsplit', 'p6'] as const;
type Family = (typeof FAMILIES)[number];

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

async function merged(name: string, inputs: readonly string[], metadata: 'concat' | 'sum'): Promise<string> {
  const output = scratch.path(`${name}.root`);
  await merge(inputs, { output, force: true, compression: 0, metadata });
  return output;
}

function wrongIn({ objects }: DiffReport): string[] {
  return objects.flatMap(({ path, verdict, differences }) =>
    verdict === 'right' ? [] : differences.map(({ at }) => `${verdict} ${path} ${at}`),
  );
}

function notesOf({ objects }: DiffReport): string[] {
  return objects.flatMap(({ path, notes }) => (path === '/MetaData' ? notes : []));
}

describe.each(FAMILIES)('metadata of %s in one row', (family: Family) => {
  const inputs = workers(family);

  it('are right, with what was summed and what was not', async () => {
    const report = await diffMerged(await merged(family, inputs, 'sum'), inputs);
    expect(wrongIn(report)).toEqual([]);
    const notes = notesOf(report);
    expect(notes[0]).toMatch(
      new RegExp(`^one row of metadata for ${inputs.length}, that of .*${family}_0.root; summed: EventStreamInfo_p3_StreamFixture`),
    );
    expect(notes[1]).toMatch(/^PoolFileInfo_v1_FileInfo: not summed \(inputs differ in it\), expected as in /);
  });

  it('are right, too, where inputs were merged before, with a sum or without', async () => {
    const [plain, sum, rest] = [
      await merged('plain', inputs.slice(0, 2), 'concat'),
      await merged('sum', inputs.slice(0, 2), 'sum'),
      await merged('rest', inputs.slice(2), 'concat'),
    ];
    for (const files of [
      [plain, rest],
      [plain, inputs[2] as string],
      [sum, inputs[2] as string],
    ]) {
      expect(wrongIn(await diffMerged(await merged('steps', files, 'sum'), files))).toEqual([]);
    }
  });

  it('are wrong when one bit of the row changes', async () => {
    const whole = await merged(family, inputs, 'sum');
    const places = treePlaces(whole).filter(({ path, at, bytes }) => path === '/MetaData' && bytes > 0 && !at.startsWith(INDEX_NAME));
    const end = performance.now() + 1000 * SECONDS;
    for (let seed = 1; seed <= ROUNDS && (seed <= 5 || performance.now() < end || ROUNDS > 60); seed++) {
      const pick = random(seed);
      const place = places[pick(places.length)];
      if (place === undefined) continue;
      writeFileSync(scratch.path('changed.root'), changed(whole, place, pick));
      const report = await diffMerged(scratch.path('changed.root'), inputs, { include: ['/MetaData'], maxDiffs: 100 });
      const container = place.at.split(/[/[]/)[0] as string;
      expect([
        seed,
        place.at,
        wrongIn(report).some((line) => line.includes(` /MetaData ${container}`)) || `unnamed: ${wrongIn(report).join('; ')}`,
      ]).toEqual([seed, place.at, true]);
    }
  });
});

describe('what is no sum of the rows', () => {
  it('is called altered with both numbers, as a sum over other inputs is', async () => {
    const inputs = workers('single');
    const output = await merged('short', inputs.slice(0, 2), 'sum');
    const { objects } = await diffMerged(output, inputs.slice(0, 2).concat(inputs[3] as string), { include: ['/MetaData'], maxDiffs: 100 });
    expect(objects[0]).toMatchObject({ path: '/MetaData', verdict: 'altered' });
    expect(objects[0]?.differences).toContainEqual({ at: 'EventStreamInfo_p3_StreamFixture.m_numberOfEvents', left: '33', right: '50' });
    expect(objects[0]?.differences).toContainEqual({
      at: 'xAOD::CutBookkeeperAuxContainer_v1_CutBookkeepersAux..nAcceptedEvents[0]',
      left: '2001',
      right: '3004',
    });
  });

  it('is not expected of members that are not stored as known', async () => {
    const [first, second] = workers('single') as [string, string];
    const other = scratch.path('other.root');
    await merge([first], { output: other, compression: 0, force: true });
    writeFileSync(other, readFileSync(other, 'latin1').replaceAll('m_itemList', 'm_itemLast'), 'latin1');
    const report = await diffMerged(await merged('layout', [other, second], 'sum'), [other, second], { include: ['/MetaData'] });
    expect(wrongIn(report)).toEqual([]);
    expect(notesOf(report)).toContainEqual(
      expect.stringMatching(
        /^EventStreamInfo_p3_StreamFixture: not summed \(its members are not stored as known: row has no member m_itemList\)/,
      ),
    );
  });

  it('is lost where the row lacks a container', async () => {
    const inputs = workers('single');
    const bytes = readFileSync(await merged('lacks', inputs, 'sum'), 'latin1').replaceAll(
      'EventStreamInfo_p1_StreamOld',
      'EventStreamInfo_p1_StreamOle',
    );
    writeFileSync(scratch.path('lacks.root'), bytes, 'latin1');
    const report = await diffMerged(scratch.path('lacks.root'), inputs, { include: ['/MetaData'], maxDiffs: 100 });
    expect(wrongIn(report)).toContain('altered /MetaData branch EventStreamInfo_p1_StreamOld');
  });

  it('is lost where rows of all inputs are expected', async () => {
    const inputs = workers('p6');
    const { objects } = await diffMerged(await merged('asked', inputs, 'sum'), inputs, {
      metadata: 'concat',
      include: ['/MetaData', '/MetaDataHdr'],
    });
    expect(objects.map(({ path, verdict, differences }) => [path, verdict, differences[0]?.at])).toEqual([
      ['/MetaData', 'lost', 'entries'],
      ['/MetaDataHdr', 'lost', 'entries'],
    ]);
  });
});
