/** References of POOL files on both sides: right merges are right by count, joined files with sections too, wrong references are named. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { diffFiles } from '../../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import type { DiffOptions, DiffReport } from '../../../../src/diff/diff-report.ts';
import { listFile } from '../../../../src/list/list-file.ts';
import { merge } from '../../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../../scratch.ts';
import { FAMILIES, workers, type Family } from '../../merge/pool/pool-files.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

/** What is said of the references of each object. */
function referencesIn({ objects }: DiffReport): Record<string, string> {
  return Object.fromEntries(
    objects.flatMap(({ path, notes }) => notes.filter((note) => note.startsWith('references: ')).map((note) => [path, note.slice(12)])),
  );
}

function wrongIn({ objects }: DiffReport): string[] {
  return objects
    .filter(({ verdict }) => verdict !== 'right' && verdict !== 'same')
    .map(({ path, verdict, differences }) => `${verdict} ${path} ${differences[0]?.at ?? ''}`);
}

async function merged(name: string, inputs: readonly string[], options: { compression?: number } = {}): Promise<string> {
  const output = scratch.path(`${name}.root`);
  await merge(inputs, { output, force: true, ...options });
  return output;
}

/** References of headers, event tags and data, all right. */
const COUNTS: Record<Family, Record<string, string>> = {
  p5: { '/CollectionTree': '97 right', '/POOLContainer': '711 right', '/POOLCollectionTree': '50 right', '/MetaDataHdr': '16 right' },
  p5unsplit: {
    '/CollectionTree': '72 right',
    '/POOLContainer': '685 right',
    '/POOLCollectionTree': '50 right',
    '/MetaDataHdr': '16 right',
  },
  p6: { '/POOLContainer': '680 right', '/POOLCollectionTree': '50 right', '/MetaDataHdr': '16 right' },
  index: { '/POOLContainer': '781 right', '/POOLCollectionTree': '55 right', '/MetaDataHdr': '20 right' },
  ntuple: { '/DataHeader': '781 right', '/EventTag': '55 right', '/MetaDataHdr': '20 right' },
};

describe.each(Object.keys(FAMILIES) as Family[])('a merge of %s', (family) => {
  it('is right, with all its references', async () => {
    const report = await diffMerged(await merged(family, workers(family)), workers(family));
    expect(wrongIn(report)).toEqual([]);
    expect(referencesIn(report)).toEqual(COUNTS[family]);
  });

  it('is right in another order of its inputs, by keys and by content', async () => {
    const output = await merged(`${family}-order`, workers(family));
    const others = workers(family).reverse();
    expect((await diffMerged(output, others)).isSame).toBe(false);
    for (const options of [{ order: 'any' }, { order: 'any', match: ['run', 'event'] }] as DiffOptions[]) {
      const report = await diffMerged(output, others, options);
      expect(wrongIn(report)).toEqual([]);
      expect(referencesIn(report)).toEqual(COUNTS[family]);
    }
  });

  it('in steps is the same as at once, though it has another id and other links', async () => {
    const files = workers(family, 4);
    const first = await merged(`${family}-first`, files.slice(0, 2));
    const report = await diffFiles(await merged(`${family}-steps`, [first, ...files.slice(2)]), await merged(`${family}-once`, files));
    expect(wrongIn(report)).toEqual([]);
  });

  it('without one of its inputs is called lost', async () => {
    const files = workers(family, 4);
    const report = await diffMerged(await merged(`${family}-short`, files.slice(0, 3)), files);
    expect(wrongIn(report).filter((line) => line.startsWith('lost')).length).toBeGreaterThan(2);
  });
});

describe('a tree that some inputs lack', () => {
  it.each(['indexmore', 'ntuplemore'])('has made rows, which are alike: %s', async (family) => {
    const inputs = [0, 1, 2].map((i) => fixture(`pool/${family}_${i}.root`));
    const report = await diffMerged(await merged(family, inputs), inputs);
    expect(wrongIn(report)).toEqual([]);
    const [made] = report.objects.flatMap(({ notes }) => notes.filter((note) => note.includes('made')));
    expect(made).toContain('_0.root has no PoolExtra_v1_Augmented: the 6 entries made in their place must be alike');
  });
});

describe('files that mergePOOL joined', () => {
  it('are right by their sections, and so is what is merged from them', async () => {
    const joined = fixture('pool/sections_0.root');
    const parts = [fixture('pool/p5_0.root'), fixture('pool/p5_3.root')];
    const report = await diffMerged(joined, parts);
    expect(wrongIn(report)).toEqual([]);
    expect(referencesIn(report)['/POOLContainer']).toBe('552 right');
    expect(wrongIn(await diffMerged(await merged('dissolved', [joined]), [joined]))).toEqual([]);
    expect(wrongIn(await diffMerged(await merged('plain', [joined]), parts))).toEqual([]);
  });
});

describe('one wrong reference', () => {
  /** The file with one text replaced by another of the same length, the n-th time it occurs. */
  function replaced(path: string, from: string, to: string, n: number): string {
    const bytes = readFileSync(path);
    let at = -1;
    for (let i = 0; i <= n; i++) at = bytes.indexOf(from, at + 1);
    expect(at).toBeGreaterThan(0);
    bytes.write(to, at, 'latin1');
    writeFileSync(scratch.path('wrong.root'), bytes);
    return scratch.path('wrong.root');
  }

  it('of an event tag is named with its row, and where it leads', async () => {
    const inputs = workers('p5');
    const output = await merged('tags', inputs, { compression: 0 });
    const tag =
      /\[DB=[^\]]*\]\[CNT=POOLContainer\(DataHeader\)\]\[CLID=[^\]]*\]\[TECH=00000202\]\[OID=[0-9A-F]{16}-0000000000000007\]/.exec(
        readFileSync(output, 'latin1'),
      )?.[0] ?? '';
    expect(tag).not.toBe('');
    const elsewhere = await diffMerged(replaced(output, tag, tag.replace(/7\]$/, '8]'), 0), inputs);
    expect(elsewhere.objects.filter(({ verdict }) => verdict !== 'right')).toMatchObject([
      {
        path: '/POOLCollectionTree',
        verdict: 'altered',
        differences: [
          {
            at: 'POOLCollectionTree(Token)[7]',
            left: expect.stringMatching(/^"altered: POOLContainer\(DataHeader\)\[8\], by \[OID=C-8\]/) as string,
            right: '"POOLContainer(DataHeader)[7]"',
          },
        ],
      },
    ]);
    expect(referencesIn(elsewhere)['/POOLCollectionTree']).toBe('49 right, 1 altered');
    const nowhere = await diffMerged(replaced(output, tag, tag.replace(/07\]$/, 'F7]'), 0), inputs);
    expect(nowhere.objects.filter(({ verdict }) => verdict !== 'right')).toMatchObject([
      { path: '/POOLCollectionTree', verdict: 'lost', differenceCount: 1 },
    ]);
    expect(referencesIn(nowhere)['/POOLCollectionTree']).toBe('49 right, 1 lost');
  });

  it('of a link is named in ##Links, and in all that follows it', async () => {
    const inputs = workers('p6');
    const output = await merged('links', inputs, { compression: 0 });
    const report = await diffMerged(
      replaced(output, '[CNT=CollectionTree(PoolExtra_v1/Extra)]', '[CNT=CollectionTree(PoolExtra_v1/Extrb)]', 0),
      inputs,
    );
    const links = report.objects.find(({ path }) => path === '/##Links');
    expect(links).toMatchObject({ verdict: 'altered', differenceCount: 2 });
    expect(links?.differences.map(({ at }) => at)).toContain('link to CollectionTree(PoolExtra_v1/Extra)');
    expect(report.objects.find(({ path }) => path === '/POOLContainer')).toMatchObject({ verdict: 'lost' });
  });

  it('to a file of its own is found by the headers', async () => {
    const inputs = workers('index');
    const output = await merged('fid', inputs, { compression: 0 });
    const fid = /\[NAME=FID\]\[VALUE=([^\]]*)\]/.exec(readFileSync(output, 'latin1'))?.[1] ?? '';
    const report = await diffMerged(
      replaced(output, `[VALUE=${fid}`, `[VALUE=${fid.startsWith('0') ? '1' : '0'}${fid.slice(1)}`, 0),
      inputs,
    );
    expect(report.objects.find(({ path }) => path === '/##Params')).toMatchObject({ verdict: 'altered', differences: [{ at: 'FID' }] });
    expect(report.objects.find(({ path }) => path === '/POOLCollectionTree')).toMatchObject({ verdict: 'lost', differenceCount: 55 });
  });
});

describe('two POOL files', () => {
  it('of one content and two ids are the same', async () => {
    for (const family of Object.keys(FAMILIES) as Family[]) {
      const [input] = workers(family);
      const report = await diffFiles(await merged(`${family}-copy`, [input as string]), input as string);
      expect([family, wrongIn(report)]).toEqual([family, []]);
    }
  });

  it('of other events differ in their references by what these lead to', async () => {
    const [a, , , b] = workers('p6');
    const report = await diffFiles(a as string, b as string, { include: ['/POOLContainer'] });
    expect(report.counts).toEqual({ different: 1 });
  });

  it('are followed only as a whole', async () => {
    const [a] = workers('p5');
    const report = await diffFiles(a as string, a as string, { entries: '0:3' });
    expect(report.objects.find(({ path }) => path === '/POOLContainer')?.notes).toContain(
      'DataHeader, basic_DataHeader: references are followed only when all entries are compared',
    );
  });
});

describe('provenance that names another input', () => {
  it.each(['index', 'ntuple'] as const)(
    'is right where its link id is another one in the merged file, be that input merged before: %s',
    async (family) => {
      const inputs = [1, 0, 3].map((n) => workers(family)[n] as string);
      const output = await merged(`${family}-parents`, inputs);
      expect(wrongIn(await diffMerged(output, inputs))).toEqual([]);
      const step = await merged(`${family}-step`, inputs.slice(0, 2));
      const last = await merged(`${family}-last`, [step, inputs[2] as string]);
      expect(wrongIn(await diffMerged(last, [step, inputs[2] as string]))).toEqual([]);
      expect(wrongIn(await diffMerged(last, inputs))).toEqual([]);
    },
  );
});

describe('objects stored whole with tokens in them', () => {
  it('are wrong where a token leads elsewhere, and where another byte differs', async () => {
    const output = await merged('whole', workers('single'), { compression: 0 });
    const report = await diffMerged(output, workers('single'));
    expect(wrongIn(report)).toEqual([]);
    const path = '/POOLContainer_PoolVertices_tlp1_Vertices';
    expect(referencesIn(report)[path]).toBe('64 right');
    const bytes = readFileSync(output);
    const fid = readPoolFid(output).slice(0, 36);
    const at = bytes.indexOf(
      `[DB=${fid}][CNT=CollectionTreePool::Extension_tlp1]`,
      bytes.indexOf('POOLContainer_PoolVertices_tlp1_Vertices'),
    );
    const end = bytes.indexOf(']', bytes.indexOf('[OID=', at));
    for (const [offset, what] of [
      [end - 1, /lost|altered/],
      [at - 2, /beside its tokens/],
    ] as const) {
      const changed = Buffer.from(bytes);
      changed[offset] = (changed[offset] as number) ^ 1;
      writeFileSync(output, changed);
      const { objects } = await diffMerged(output, workers('single'));
      const wrong = objects.filter(({ path: each }) => /PoolVertices_tlp1/.test(each)).flatMap(({ differences }) => differences);
      expect(wrong.map(({ at: place, left }) => `${place} ${String(left)}`).join('\n')).toMatch(what);
    }
  });
});

function readPoolFid(path: string): string {
  return listFile(path).pool?.fid ?? '';
}
