/** POOL files that are refused: they do not fit together, or their references are damaged. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MergeConflictError, PoolMergeError, UsageError, planMerge } from '../../../../src/index.ts';
import { Scratch, fixture } from '../../../scratch.ts';
import { FID, mergeTo, placesOf, referencesOf, workers } from './pool-files.ts';

async function conflictsOf(inputs: readonly string[], options: Parameters<typeof planMerge>[1] = {}): Promise<string[]> {
  const { conflicts } = await planMerge(inputs, options);
  return [...new Set(conflicts.map(({ code }) => code))];
}

describe('files that do not fit together', () => {
  const [p5, p6, index, tuple] = (['p5', 'p6', 'index', 'ntuple'] as const).map((family) => workers(family, 1)[0] as string) as [
    string,
    string,
    string,
    string,
  ];
  it.each([
    ['one FID twice', [p5, p5], 'pool-same-fid'],
    ['a POOL file and another one', [p5, fixture('flat_0.root')], 'pool-mixed'],
    ['another file first', [fixture('flat_0.root'), p5], 'pool-mixed'],
    ['p5 and p6', [p5, p6], 'pool-storage'],
    ['with and without index_ref', [p6, index], 'pool-storage'],
    ['trees and RNTuples', [index, tuple], 'pool-storage'],
  ])('%s: a conflict by name', async (_, inputs, code) => {
    expect((await conflictsOf(inputs))[0]).toBe(code);
  });

  it('a filter that leaves out what references lead to', async () => {
    expect(await conflictsOf(workers('p6', 2), { exclude: ['/CollectionTree'] })).toEqual(['pool-filter']);
  });

  it.each(['p5unsplit', 'p6', 'index', 'ntuple', 'ntupleplaced'] as const)(
    'but not one that leaves out event tags, or all metadata with their headers: %s',
    async (family) => {
      using scratch = new Scratch();
      const [output, complete] = [scratch.path('out.root'), scratch.path('complete.root')];
      await mergeTo(complete, workers(family), { fid: FID });
      const { diagnostics } = await mergeTo(output, workers(family), {
        fid: FID,
        exclude: ['/POOLCollectionTree', '/EventTag', '/MetaData*'],
      });
      expect(placesOf(output)).toEqual(placesOf(complete).filter((line) => !/^(MetaDataHdr|POOLCollectionTree|EventTag)/.test(line)));
      expect(diagnostics.filter(({ code }) => code.startsWith('pool'))).toEqual([]);
      expect(referencesOf(output).dangling).toBe(0);
      expect(await conflictsOf(workers(family), { exclude: ['/MetaData'] })).toEqual(['pool-filter']);
      expect(await conflictsOf(workers(family), { exclude: ['/MetaDataHdr*'] })).toEqual(['pool-filter']);
    },
  );

  it('but not one that leaves out all of POOL: what is left is merged as in any file', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const { targets } = await mergeTo(output, workers('p6', 2), { include: ['/Monitoring/**'] });
    expect(targets.filter(({ disposition }) => disposition !== 'skip').map(({ path }) => path)).not.toEqual([]);
    expect(targets.filter(({ path, disposition }) => path.startsWith('/##') && disposition !== 'skip')).toEqual([]);
  });

  it('options of POOL files for other files', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    await expect(mergeTo(output, [fixture('flat_0.root')], { fid: FID })).rejects.toThrow(UsageError);
    expect(existsSync(output)).toBe(false);
  });
});

describe('damaged references', () => {
  /** A merged file without compression, in which texts can be changed in place. */
  async function plainFile(scratch: Scratch): Promise<{ path: string; bytes: Buffer }> {
    const path = scratch.path('plain.root');
    await mergeTo(path, workers('p5', 1), { compression: 0, fid: FID });
    return { path, bytes: readFileSync(path) };
  }

  it('name file, container and row, and nothing is written', async () => {
    using scratch = new Scratch();
    const { path, bytes } = await plainFile(scratch);
    const [token, output] = [Buffer.from(`[DB=${FID}][CNT=POOLContainerForm(DataHeaderForm)]`), scratch.path('out.root')];
    const oid = bytes.indexOf('-00', bytes.indexOf('[OID=', bytes.indexOf(token)));
    bytes.write('-7F', oid);
    writeFileSync(path, bytes);
    const error: unknown = await mergeTo(output, [path, workers('p5', 2)[1] as string]).catch((err: unknown) => err);
    expect(error).toBeInstanceOf(MergeConflictError);
    const [conflict] = (error as MergeConflictError).conflicts;
    expect(conflict).toMatchObject({ code: 'pool-reference', file: path });
    expect(conflict?.reason).toMatch(/POOLContainer;1: DataHeader: row \d+: .*leads nowhere/);
    expect(existsSync(output)).toBe(false);
  });

  it('never end in another way than an error of ours or a merged file, whatever byte of a token or link changes', async () => {
    using scratch = new Scratch();
    const { path, bytes } = await plainFile(scratch);
    const places: number[] = [];
    for (let at = bytes.indexOf('[DB='); at >= 0; at = bytes.indexOf('[DB=', at + 1)) places.push(at);
    expect(places.length).toBeGreaterThan(50);
    const output = scratch.path('out.root');
    await fc.assert(
      fc.asyncProperty(fc.nat(places.length - 1), fc.nat(150), fc.integer({ min: 1, max: 255 }), async (place, at, flip) => {
        const changed = Buffer.from(bytes);
        const position = (places[place] as number) + at;
        changed[position] = (changed[position] as number) ^ flip;
        writeFileSync(path, changed);
        const result: unknown = await mergeTo(output, [path], { force: true, verify: 'fast' }).catch((err: unknown) => err);
        if (result instanceof Error) expect(result).toBeInstanceOf(PoolMergeError);
        else expect(referencesOf(output).dangling).toBe(0);
      }),
      { numRuns: 25 },
    );
  });
});
