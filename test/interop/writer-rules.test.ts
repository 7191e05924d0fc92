/**
 * The 20 rules of docs/format/writing.md, one test each: outputs of merges, judged by real ROOT.
 * What only shows beyond 2 GB is in large-files.test.ts.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BigEndianReader } from '../../src/io/bytes/big-endian.ts';
import { parseKey, type KeyHeader } from '../../src/io/root/container/key.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';
import { merge } from '../../src/index.ts';
import { fixture } from '../scratch.ts';
import { leaveGap, objString, writeSmallFile } from '../small-file.ts';
import { SparseSink } from '../sparse-file.ts';
import { answered, newMessages, Oracle, type BranchFacts, type FileFacts, type OpenCheck, type Reply, type TreeFacts } from './oracle.ts';

const FAMILIES = ['hists', 'flat', 'embedded', 'objects', 'refs', 'meta', 'special', 'ntuple', 'others', 'dirnames', 'worker'] as const;
type FamilyName = (typeof FAMILIES)[number];

let oracle: Oracle;
let folder: string;

function inputsOf(family: FamilyName): string[] {
  return readdirSync(fixture('.'))
    .filter((name) => new RegExp(`^${family}_\\d+\\.root$`).test(name))
    .sort()
    .map(fixture);
}
const outputOf = (family: FamilyName): string => join(folder, `${family}.root`);

/** Opens a file with ROOT, which must say nothing. */
async function opened(file: string): Promise<OpenCheck> {
  const reply = await openCheck(file);
  expect(reply.messages).toEqual([]);
  return answered(reply);
}

const known = new Map<string, unknown>();

/** Asks once per file and question: many rules want the same answer. */
function once<T>(question: string, file: string, ask: (file: string) => Promise<T>): Promise<T> {
  const key = `${question} ${file}`;
  if (!known.has(key)) known.set(key, ask(file));
  return known.get(key) as Promise<T>;
}

const openCheck = (file: string): Promise<Reply<OpenCheck>> => once('open', file, (path) => oracle.openCheck(path));
const fileFacts = async (file: string): Promise<FileFacts> => answered(await once('facts', file, (path) => oracle.fileFacts(path)));

/** Every record of a file from the first to its end, by its own header. */
function recordsOf(path: string): { at: number; key: KeyHeader; bytes: Buffer }[] {
  const bytes = readFileSync(path);
  const records = [];
  for (let at = 100; at < bytes.length;) {
    const key = parseKey(new BigEndianReader(bytes, at));
    records.push({ at, key, bytes: bytes.subarray(at, at + key.nbytes) });
    at += key.nbytes;
  }
  return records;
}

async function branchesOf(file: string): Promise<Map<string, BranchFacts>> {
  const trees: Record<string, TreeFacts> = answered(await once('trees', file, (path) => oracle.treeFacts(path)));
  return new Map(
    Object.entries(trees).flatMap(([path, tree]) => tree.branches.map((branch) => [`${path}.${branch.name}`, branch] as const)),
  );
}

/** Branches of the output with those of the inputs, for every branch with baskets. */
async function branchesWithInputs(family: FamilyName): Promise<{ name: string; merged: BranchFacts; inputs: BranchFacts[] }[]> {
  const inputs = await Promise.all(inputsOf(family).map(branchesOf));
  const merged = await branchesOf(outputOf(family));
  return [...merged].map(([name, branch]) => ({ name, merged: branch, inputs: inputs.flatMap((of) => of.get(name) ?? []) }));
}

beforeAll(async () => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), 'pool-merge-rules-'));
  for (const family of FAMILIES) await merge(inputsOf(family), { output: outputOf(family) });
});
afterAll(async () => {
  await oracle.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What ROOT says of an object of a file, without its cycle. */
async function digestsOf(file: string, path: string): Promise<unknown[]> {
  const dump = answered(await oracle.dump(file));
  return Object.entries(dump)
    .filter(([key]) => key.replace(/;\d+$/, '') === path)
    .map(([, { digest }]) => digest);
}

it('rule 1: tags count from the start of the key, also where the key became longer', async () => {
  const keysOf = (file: string): KeyHeader[] =>
    recordsOf(file)
      .map((r) => r.key)
      .filter((k) => k.name === 'reference');
  const inInputs = inputsOf('refs').flatMap(keysOf);
  expect(keysOf(outputOf('refs')).map(({ pidOffset, keylen }) => [pidOffset, keylen])).toEqual(
    inInputs.map(({ keylen }, i) => [i, keylen + (i > 0 ? 8 : 0)]),
  );
  for (const path of ['collections/map', 'efficiency/function']) {
    const inputs = (await Promise.all(inputsOf('others').map((file) => digestsOf(file, path)))).flat();
    expect(new Set((await digestsOf(outputOf('others'), path)).map((d) => JSON.stringify(d)))).toEqual(
      new Set(inputs.map((d) => JSON.stringify(d))),
    );
  }
  for (const family of ['hists', 'others'] as const) {
    expect(answered(await oracle.compareSum(outputOf(family), inputsOf(family))).differences).toEqual([]);
  }
});

it('rule 2: the list of streamer infos is encoded for its own key: ROOT finds every one of them', async () => {
  for (const family of FAMILIES) {
    const union = new Set((await Promise.all(inputsOf(family).map((file) => openCheck(file)))).flatMap((reply) => answered(reply).infos));
    expect(new Set(answered(await openCheck(outputOf(family))).infos)).toEqual(union);
  }
});

it('rule 3: tree objects are encoded as a whole, sub-objects with tags too (TRefTable, user info, friends)', async () => {
  for (const family of ['refs', 'meta'] as const) {
    expect(answered(await oracle.compareSum(outputOf(family), inputsOf(family))).differences).toEqual([]);
  }
});

it('rule 4: fBasketEntry[fWriteBasket] is fEntryNumber: the last basket is read, and UPDATE fills on', async () => {
  for (const family of ['flat', 'embedded', 'special', 'objects'] as const) {
    for (const { name, merged } of await branchesWithInputs(family)) {
      if (merged.writeBasket > 0) {
        expect({ name, nextEntry: merged.nextEntry, failed: merged.failed }).toEqual({ name, nextEntry: merged.entries, failed: 0 });
      }
    }
    for (const tree of Object.values(answered(await oracle.fillTrees(outputOf(family))))) {
      expect(tree).toEqual({ before: tree.before, after: tree.before + Math.min(5, tree.before), failed: 0 });
    }
  }
});

it('rule 5: fEntryNumber is right: no entry reads as 0 bytes that had some in its input', async () => {
  for (const family of ['flat', 'embedded', 'objects', 'refs'] as const) {
    for (const { name, merged, inputs } of await branchesWithInputs(family)) {
      const sum = (of: 'entries' | 'empty' | 'failed'): number => inputs.reduce((all, branch) => all + branch[of], 0);
      expect({ name, entries: merged.entries, empty: merged.empty, failed: merged.failed }).toEqual({
        name,
        entries: sum('entries'),
        empty: sum('empty'),
        failed: 0,
      });
    }
  }
});

it('rule 6: fMaxBaskets holds the write basket, and is at least 10', async () => {
  for (const family of ['flat', 'embedded', 'objects'] as const) {
    for (const { name, merged } of await branchesWithInputs(family)) {
      expect({ name, maxBaskets: merged.maxBaskets }).toEqual({ name, maxBaskets: Math.max(10, merged.writeBasket + 1) });
      expect(merged.seeks.every((seek) => seek > 0)).toBe(true);
    }
  }
});

it('rule 7: the maximum of counters is the largest of all inputs', async () => {
  let raised = 0;
  for (const family of ['flat', 'embedded', 'objects'] as const) {
    for (const { name, merged, inputs } of await branchesWithInputs(family)) {
      merged.leaves.forEach(({ maximum }, i) => {
        const all = inputs.map((branch) => branch.leaves[i]?.maximum ?? 0);
        if (all.some((m) => m > (all[0] ?? 0))) raised++;
        expect(maximum, name).toBeGreaterThanOrEqual(Math.max(...all));
      });
    }
  }
  expect(raised).toBeGreaterThan(0);
});

it('rule 8: the room for strings (TLeafC) is the largest of all inputs: ROOT reads all characters', async () => {
  let strings = 0;
  for (const { name, merged, inputs } of await branchesWithInputs('flat')) {
    merged.leaves.forEach((leaf, i) => {
      if (leaf.class !== 'TLeafC') return;
      strings++;
      expect(leaf.length, name).toBe(Math.max(...inputs.map((branch) => branch.leaves[i]?.length ?? 0)));
    });
  }
  expect(strings).toBeGreaterThan(0);
  expect(answered(await oracle.compareSum(outputOf('flat'), inputsOf('flat'))).differences).toEqual([]);
});

it('rule 9: fSeekPdir of every record is the directory that owns it', async () => {
  for (const family of FAMILIES) {
    using file = openRootFile(outputOf(family));
    for (const directory of file.directories) {
      for (let i = 0; i < directory.keys.count; i++) expect(directory.keys.seekPdir(i)).toBe(directory.record.seekDir);
    }
    const all = new Set([0, ...file.directories.map((d) => d.record.seekDir)]);
    for (const { key } of recordsOf(outputOf(family))) expect(all.has(key.seekPdir), key.name).toBe(true);
    const { recovered, unread } = answered(await openCheck(outputOf(family)));
    const before = answered(await openCheck(inputsOf(family)[0] ?? ''));
    expect({ recovered, unread: unread.length === 0 }).toEqual({ recovered: false, unread: before.unread.length === 0 });
  }
});

it('rule 10: the image in the key list is the header of the record', async () => {
  for (const family of FAMILIES) {
    const bytes = readFileSync(outputOf(family));
    using file = openRootFile(outputOf(family));
    const listed = answered(await openCheck(outputOf(family))).keys;
    let count = 0;
    for (const { keys } of file.directories) {
      for (let i = 0; i < keys.count; i++, count++) {
        expect(Buffer.compare(keys.image(i), bytes.subarray(keys.seekKey(i), keys.seekKey(i) + keys.keylen(i)))).toBe(0);
      }
    }
    expect(listed).toHaveLength(count);
  }
});

it('rule 11: free segments are recorded: ROOT updates the file and loses nothing', async () => {
  for (const family of ['hists', 'flat', 'refs', 'ntuple', 'dirnames'] as const) {
    const before = await oracle.updateCheck(inputsOf(family)[0] ?? '');
    const after = await oracle.updateCheck(outputOf(family));
    expect(answered(after)).toEqual({ written: true, reopened: true, infosLost: [], lost: [], added: [] });
    expect(newMessages(before.messages, after.messages)).toEqual([]);
  }
});

it('rule 11, by another writer: uproot updates the file, and ROOT reads all of it afterwards', async () => {
  for (const family of ['worker', 'hists', 'others', 'flat', 'ntuple'] as const) {
    const reply = await oracle.uprootUpdate(outputOf(family));
    expect([answered(reply), reply.messages]).toEqual([{ seen: true, unread: [], recovered: false }, []]);
  }
});

it('rule 12: the last free segment reaches from the end to 2 000 000 000', async () => {
  for (const family of FAMILIES) {
    const facts = await fileFacts(outputOf(family));
    expect(facts.free).toEqual([[facts.sizeBytes, 2_000_000_000]]);
  }
});

it('rule 13: fEND is the size of the file', async () => {
  for (const family of FAMILIES) {
    const { end, sizeBytes, recovered } = await fileFacts(outputOf(family));
    expect({ end, recovered }).toEqual({ end: sizeBytes, recovered: false });
  }
});

it('rule 14: fNbytesInfo and fNbytesName are exact', async () => {
  for (const family of FAMILIES) {
    const facts = await fileFacts(outputOf(family));
    const records = recordsOf(outputOf(family));
    const infos = records.find(({ key }) => key.name === 'StreamerInfo' && key.className === 'TList');
    expect([facts.seekInfo, facts.infoBytes]).toEqual([infos?.at, infos?.key.nbytes]);
    expect(facts.freeBytes).toBe(records.at(-1)?.key.nbytes);
    using file = openRootFile(outputOf(family));
    expect(file.header.nbytesName).toBe((records[0]?.key.keylen ?? 0) + 'merged.root'.length + 2);
  }
});

describe('rule 15: directory records have room for their big form', () => {
  it('60 bytes each', () => {
    for (const family of FAMILIES) {
      using file = openRootFile(outputOf(family));
      for (const d of file.directories.slice(1)) expect(file.readKey(d.record.seekDir).nbytes).toBe(d.record.nbytesName + 60);
    }
  });

  it('so that ROOT can grow the file beyond 2 GB and no record behind a directory is overwritten', async () => {
    const path = join(folder, 'grown.root');
    const sink = new SparseSink();
    const items = [
      { directory: 'a', items: [objString('first', '1'), { directory: 'b', items: [objString('second', '2')] }] },
      objString('third', '3'),
    ];
    writeSmallFile(sink, [...items, { hole: () => leaveGap(sink, 1_999_990_000) }]);
    sink.bytes.saveTo(path);
    expect(answered(await oracle.grow(path))).toEqual([]);
    using file = openRootFile(path);
    expect(file.header.version).toBe(1_064_000);
    for (const directory of file.directories) {
      for (let i = 0; i < directory.keys.count; i++) {
        if (!directory.children.has(i)) expect(file.readObject(directory, i).key.name).toBe(directory.keys.name(i));
      }
    }
  });
});

it('rule 16: small files have 32-bit forms, and 64-bit keys only where a record needs one', async () => {
  for (const family of FAMILIES) {
    const facts = await fileFacts(outputOf(family));
    expect(facts.version).toBe(64_000);
    for (const { key } of recordsOf(outputOf(family))) {
      if (key.version > 1000) expect(key.className === 'TBasket' || key.className === 'RBlob' || key.pidOffset > 0, key.name).toBe(true);
    }
  }
});

it('rule 17: of a copied basket only the two seeks and the cycle change', async () => {
  const stored = inputsOf('flat').flatMap((file) => recordsOf(file).filter(({ key }) => key.className === 'TBasket'));
  const rest = (bytes: Buffer): string => Buffer.concat([bytes.subarray(0, 16), bytes.subarray(34)]).toString('latin1');
  const inInputs = new Set(stored.map(({ bytes }) => rest(bytes)));
  const merged = recordsOf(outputOf('flat')).filter(({ key }) => key.className === 'TBasket');
  expect(merged.length).toBe(stored.length);
  for (const { key, bytes } of merged) {
    expect(key.version).toBe(1004);
    expect(inInputs.has(rest(bytes))).toBe(true);
  }
  await opened(outputOf('flat'));
});

it('rule 18: RNTuples: headers verbatim, element offsets and checksums right', async () => {
  const { differences } = answered(await oracle.compareSum(outputOf('ntuple'), inputsOf('ntuple')));
  expect(differences).toEqual([]);
  expect(answered(await oracle.uprootCheck(outputOf('ntuple'))).problems).toEqual([]);
});

it('rule 19: streamer infos of all inputs are united, with one list of rules', async () => {
  const mixed = join(folder, 'mixed.root');
  const inputs = [inputsOf('dirnames'), inputsOf('objects'), inputsOf('others')].map((files) => files[0] ?? '');
  await merge(inputs, { output: mixed });
  const seen = await Promise.all(inputs.map((file) => openCheck(file)));
  const infos = answered(await openCheck(mixed)).infos;
  expect(new Set(infos)).toEqual(new Set(seen.flatMap((reply) => answered(reply).infos)));
  expect(new Set(infos).size).toBe(infos.length);
});

it('rule 20: references find their objects after the process ids were renumbered', async () => {
  expect(answered(await oracle.references(outputOf('refs')))).toEqual({ 1: true, 2: true, 3: true, 4: true });
  const { differences } = answered(await oracle.compareSum(outputOf('refs'), inputsOf('refs')));
  expect(differences).toEqual([]);
});
