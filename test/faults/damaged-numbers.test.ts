/** Numbers that an object keeps twice, changed in one place: what they say of each other is damage, whoever would not have looked. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PoolMergeError, checkReferences, merge, planMerge } from '../../src/index.ts';
import { joinPath, openRootFile, type DirectoryNode, type RootFile } from '../../src/io/root/root-file.ts';
import { readInfoSet } from '../../src/io/root/root-file-infos.ts';
import { fieldOf, member } from '../../src/io/root/streamer/member.ts';
import { arrayOf } from '../../src/io/root/streamer/member-list.ts';
import type { SpanNode } from '../../src/io/root/streamer/span-graph.ts';
import { walkObject } from '../../src/io/root/streamer/walk.ts';
import { Scratch, fixture } from '../scratch.ts';
import { rejectionOf } from '../thrown.ts';

/** Where a part of an object lies in its payload. */
type Place = (root: SpanNode) => number | undefined;

const number =
  (name: string): Place =>
  (root) => {
    const field = fieldOf(root, name);
    return field === null ? undefined : field.run.start + field.offset;
  };
const text =
  (name: string): Place =>
  (root) =>
    member(root, name)?.start;
const array =
  (name: string): Place =>
  (root) =>
    arrayOf(root, name)?.start;

/** A copy of a file in which one byte of an object is changed: its record is stored anew, raw, at the end of the file. */
function withChange(path: string, objectPath: string, place: Place, byte: number): Uint8Array {
  using file = openRootFile(path);
  const { directory, i } = keyOf(file, objectPath);
  const { key, payload } = file.readObject(directory, i);
  const object = Uint8Array.from(payload);
  const at = place(walkObject(payload, key.keylen, key.className, readInfoSet(file)).root);
  if (at === undefined) throw new Error(`${objectPath} has no such member`);
  object[at + byte] = (object[at + byte] ?? 0) ^ 1;
  const { end } = file.header;
  const old = readFileSync(path).subarray(0, end);
  const header = Buffer.from(old.subarray(directory.keys.seekKey(i), directory.keys.seekKey(i) + key.keylen));
  header.writeInt32BE(key.keylen + object.length, 0);
  header.writeUInt32BE(end, 18); // fSeekKey
  const bytes = Buffer.concat([old, header, object]);
  const list = file.readKey(directory.record.seekKeys);
  header.copy(bytes, directory.record.seekKeys + list.keylen + (directory.keys.imageAt[i] ?? 0));
  bytes.writeInt32BE(bytes.length, 12); // fEND
  return bytes;
}

function keyOf(file: RootFile, path: string): { directory: DirectoryNode; i: number } {
  for (const directory of file.directories) {
    for (let i = 0; i < directory.keys.count; i++) if (joinPath(directory.path, directory.keys.name(i)) === path) return { directory, i };
  }
  throw new Error(`${file.path} has no ${path}`);
}

it.each([
  ['refs_0.root', '/ProcessID0', 'fTitle', text('fTitle'), 5, /^fTitle of the process id differs from its key/],
  ['refs_0.root', '/ProcessID0', 'the length of fTitle', text('fTitle'), 0, /^object data ends too early/],
  ['hists_0.root', '/top', 'fNcells', number('fNcells'), 3, /^fNcells does not fit the axes: expected 22, found 23$/],
  ['dimensions_0.root', '/types/dense_I', 'fNdimensions', number('fNdimensions'), 3, /^fNdimensions is not the number of axes/],
  ['dimensions_0.root', '/types/sparse_I', 'fNdimensions', number('fNdimensions'), 3, /^fNdimensions is not the number of axes/],
  ['dimensions_0.root', '/types/dense_I', 'fSizes', array('fArray.fSizes'), 7, /^fArray.fSizes does not fit the axes/],
  ['pool/p6_0.root', '/CollectionTree', 'fEntries', number('fEntries'), 3, /^fEntries of the tree is more than any of its branches has/],
])('%s: %s with another %s is refused', async (name, path, _, place, byte, reason) => {
  using scratch = new Scratch();
  const bad = scratch.put('bad.root', withChange(fixture(name), path, place, byte));
  const good = fixture(name.replace('_0', '_1'));
  const plans = [() => planMerge([good, bad]), () => planMerge([bad, good])];
  const isCopied = path.startsWith('/ProcessID'); // what is copied is looked at then
  const works = [...(isCopied ? [] : plans), () => merge([bad, good], { output: scratch.path('out.root') })];
  for (const work of works) {
    const err = await rejectionOf(PoolMergeError, work());
    expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: bad, reason: expect.stringMatching(reason) as string });
    expect(err.objectPath).toContain(path);
  }
  expect(scratch.list()).not.toContain('out.root');
  if (name.startsWith('pool/')) {
    expect(await rejectionOf(PoolMergeError, checkReferences([bad]))).toMatchObject({ code: 'CORRUPT_FILE', file: bad });
  }
});
