/**
 * Merging POOL files with damaged tokens, forms and links: an error that names a file, and nothing written; or a merge
 * whose references all resolve.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PoolMergeError, checkReferences, merge } from '../../src/index.ts';
import { openPoolFile } from '../../src/io/pool/pool-contents.ts';
import { Scratch, fixture } from '../scratch.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

/** Texts and numbers that references are made of, in an uncompressed file. */
const TARGETS: Record<string, RegExp> = {
  tokens: /\[DB=F000000[^\]]*\](\[[^\]]*\])*?\[OID=[0-9A-F]{16}-[0-9A-F]{16}\]/g,
  // behind the GUID: a link may well be of another file
  links: /(?<=\[DB=[0-]{36}\])(\[[^\]]*\])*?\[OID=[0-9A-F]{16}-F{16}\]/g,
  parameters: /\[NAME=\w+\]\[VALUE=[^\]]*\]/g,
  shapes: /\{ID=[0-9A-F-]{36}\}\{CL=[^}]*\}/g,
  'texts of forms': /\$F000000[0-9A-F]-[0-9A-F-]{27}/g,
};

/** Characters that turn one value into another that is still well-formed, and some that do not. */
const CHARACTERS = fc.constantFrom(...Array.from('0123456789ABCDEF-[]=()/ '));

let outputs = 0;

/** Trees whose rows are references and little else. */
const REFERENCE_TREES = /^(POOLContainer|POOLContainerForm|POOLCollectionTree|MetaDataHdr|MetaDataHdrForm)$/;

/** Where the data of their baskets lie in an uncompressed file: [start, length]. */
function rowPlaces(path: string): [number, number][] {
  const { file, containers } = openPoolFile(path);
  try {
    const { keys } = file.root;
    const names = Array.from({ length: keys.count }, (_, i) => (keys.className(i) === 'TTree' ? keys.name(i) : ''));
    return names
      .filter((name) => REFERENCE_TREES.test(name))
      .flatMap((name) => {
        const { seek, bytes } = (containers.tree(name) as NonNullable<ReturnType<typeof containers.tree>>).reader.baskets;
        return Array.from(seek, (at, k): [number, number] => {
          const { keylen } = file.readKey(at);
          return [at + keylen, (bytes[k] as number) - keylen];
        }).filter(([, length]) => length > 0);
      });
  } finally {
    file.close();
  }
}

/** Where the pattern occurs: [start, length]. */
function places(bytes: Buffer, pattern: RegExp): [number, number][] {
  return [...bytes.toString('latin1').matchAll(pattern)].map((match) => [match.index, match[0].length]);
}

async function mergesRightOrNotAtAll(inputs: readonly string[]): Promise<void> {
  const output = scratch.path(`out-${outputs++}.root`);
  try {
    await merge(inputs, { output });
  } catch (err) {
    expect(err).toBeInstanceOf(PoolMergeError);
    expect((err as PoolMergeError).code).not.toBe('INTERNAL');
    expect(readdirSync(dirname(output)).filter((name) => name.includes(basename(output)))).toEqual([]);
    return;
  }
  expect((await checkReferences([output])).files[0]?.firstDangling).toEqual([]);
}

it('refuses headers that no link of their file names: a changed file GUID in the link of MetaDataHdr', async () => {
  const plain = scratch.path('linked.root');
  await merge([fixture('pool/p6_0.root')], { output: plain, compression: 0 });
  const bytes = readFileSync(plain);
  const link = /\[DB=0{8}(?=-[0-]{27}\]\[CNT=MetaDataHdr\(DataHeader\)\])/.exec(bytes.toString('latin1')) as RegExpExecArray;
  bytes.write('F', link.index + '[DB='.length, 'latin1');
  const unlinked = scratch.put('unlinked.root', bytes);
  const merged = merge([fixture('pool/p6_3.root'), unlinked], { output: scratch.path('never.root') });
  await expect(merged).rejects.toThrow(/unlinked\.root.*MetaDataHdr holds DataHeaders, but no row of ##Links names it/s);
});

it.each([
  ['index', 'column basic_DataHeader of POOLContainer'],
  ['ntuple', 'column basic_DataHeader of DataHeader'],
])('refuses headers that no link of their file names, beside others in one tree or RNTuple: %s', async (family, column) => {
  const plain = scratch.path(`${family}-linked.root`);
  await merge([fixture(`pool/${family}_0.root`)], { output: plain, compression: 0 });
  const bytes = readFileSync(plain);
  const link = /\[DB=0{8}(?=-[0-]{27}\]\[CNT=\w+\(basic\/DataHeader\)\])/.exec(bytes.toString('latin1')) as RegExpExecArray;
  bytes.write('F', link.index + '[DB='.length, 'latin1');
  const unlinked = scratch.put(`${family}-unlinked.root`, bytes);
  const merged = merge([unlinked, fixture(`pool/${family}_3.root`)], { output: scratch.path('never.root') });
  await expect(merged).rejects.toThrow(`its ${column} holds DataHeaders, but no row of ##Links names it as a container of this file`);
});

describe.each(['p4', 'p5', 'p6', 'index', 'ntuple', 'single'])('%s', (family) => {
  const other = fixture(`pool/${family}_3.root`);
  let plain: Buffer;
  beforeAll(async () => {
    const path = scratch.path(`${family}-plain.root`);
    await merge([fixture(`pool/${family}_0.root`)], { output: path, compression: 0, fid: 'F0000009-0000-4A4B-8C8D-0123456789AB' });
    plain = readFileSync(path);
  });

  it.each(Object.keys(TARGETS))('%s', async (target) => {
    const found = places(plain, TARGETS[target] as RegExp);
    if (family.startsWith('p5') || target !== 'texts of forms') expect(found.length).toBeGreaterThan(0);
    if (found.length === 0) return;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...found), fc.nat(), CHARACTERS, fc.boolean(), async ([start, length], at, character, isFirst) => {
        const bytes = Buffer.from(plain);
        bytes[start + (at % length)] = character.charCodeAt(0);
        const damaged = scratch.put('damaged.root', bytes);
        await mergesRightOrNotAtAll(isFirst ? [damaged, other] : [other, damaged]);
      }),
      { numRuns: 25 },
    );
  });

  it('rows of headers, forms and event tags: any bit of them', async () => {
    const path = scratch.put('rows.root', plain);
    const found = rowPlaces(path); // in files of RNTuples, those of the metadata
    expect(found.length).toBeGreaterThan(0);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...found), fc.nat(), fc.nat(7), fc.boolean(), async ([start, length], at, bit, isFirst) => {
        const bytes = Buffer.from(plain);
        const place = start + (at % length);
        bytes[place] = (bytes[place] as number) ^ (1 << bit);
        const damaged = scratch.put('damaged.root', bytes);
        await mergesRightOrNotAtAll(isFirst ? [damaged, other] : [other, damaged]);
      }),
      { numRuns: 25 },
    );
  });
});

it('refuses a header whose reference to itself leads to another row', async () => {
  const plain = scratch.path('self.root');
  await merge([fixture('pool/p4_0.root')], { output: plain, compression: 0 });
  const bytes = readFileSync(plain);
  const itself = places(
    bytes,
    /\[DB=[0-9A-F-]{36}\]\[CNT=POOLContainer\(DataHeader\)\]\[CLID=[0-9A-F-]{36}\]\[TECH=00000202\]\[OID=[0-9A-F]{16}-0{15}3\]/g,
  );
  const reasons = await Promise.all(
    itself.map(async ([start, length], i) => {
      const changed = Buffer.from(bytes);
      changed.write('2', start + length - 2, 'latin1');
      return merge([scratch.put(`self-${i}.root`, changed), fixture('pool/p4_3.root')], {
        output: scratch.path(`self-out-${i}.root`),
      }).then(() => 'merged', String);
    }),
  );
  expect(reasons.filter((reason) => reason.includes("the header's reference to itself leads to another row"))).toHaveLength(1);
});
