/**
 * Real ROOT reads relocated payloads: every object of a file is walked and encoded for a longer key header (its key gets a longer
 * title), so that all class and object tags in it move, and so does the list of streamer infos. ROOT must read the same from both.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { createSink } from '../../src/io/bytes/sink.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';
import type { DirectoryNode } from '../../src/io/root/root-file.ts';
import { RootFileWriter } from '../../src/io/root/root-file-writer.ts';
import type { OutputDirectory } from '../../src/io/root/root-file-writer.ts';
import { encodeGraph } from '../../src/io/root/streamer/encode.ts';
import { InfoUnion, encodeInfoList } from '../../src/io/root/streamer/info-union.ts';
import { parseInfoSet } from '../../src/io/root/streamer/parse-infos.ts';
import { walkObject } from '../../src/io/root/streamer/walk.ts';
import { Scratch, fixture } from '../scratch.ts';
import { Oracle, newMessages } from './oracle.ts';

const oracle = new Oracle();
afterAll(() => oracle.close());

/** Their data lies in other records than the key's. */
const HAS_OTHER_RECORDS = /^(TTree|TNtupleD?|ROOT::RNTuple)$/;
const LONGER = ' and a longer key title, so that every tag of the payload moves';
const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');

/** Copies a file, every object relocated; returns the number of objects. */
function relocate(from: string, to: string): number {
  const file = openRootFile(from);
  const record = file.readInfos();
  if (record === undefined) throw new Error(`${from} has no streamer infos`);
  const infos = parseInfoSet(record.payload, record.key.keylen);
  const sink = createSink(to);
  const writer = new RootFileWriter(sink, { datime: 0x7000_0000, compression: 101, uuidOf: () => new Uint8Array(16).fill(7) });
  let count = 0;
  const copy = (source: DirectoryNode, target: OutputDirectory): void => {
    const { keys } = source;
    const wanted = Array.from({ length: keys.count }, (_, i) => i).filter((i) => !HAS_OTHER_RECORDS.test(keys.className(i)));
    wanted.forEach((i, slot) => {
      const [className, name, title] = [text(keys.className(i)), text(keys.name(i)), text(keys.title(i))];
      const below = source.children.get(i);
      if (below !== undefined) {
        copy(below, writer.createDirectory(target, slot, below.path, { className: text('TDirectory'), name, title, cycle: 1 }));
        return;
      }
      const { key, payload } = file.readObject(source, i);
      const graph = walkObject(payload, key.keylen, key.className, infos);
      writer.writeObject(target, slot, { className, name, title: text(keys.title(i) + LONGER), cycle: keys.cycle(i) }, (keylen) =>
        encodeGraph(graph, { keylen }),
      );
      count++;
    });
  };
  copy(file.root, writer.root);
  const union = new InfoUnion();
  union.add(record.payload, record.key.keylen);
  // A second list, so that the infos are encoded anew.
  const other = openRootFile(fixture('objects_0.root'));
  const more = other.readInfos();
  if (more !== undefined) union.add(more.payload, more.key.keylen);
  writer.finish((keylen) => encodeInfoList(union, keylen));
  sink.commit();
  other.close();
  file.close();
  return count;
}

/** What ROOT read, but for the payload's bytes: their tags differ. */
function contents(dump: Record<string, { class: string; digest: unknown }>): Record<string, unknown> {
  const kept = Object.entries(dump).filter(([, entry]) => !HAS_OTHER_RECORDS.test(entry.class));
  return Object.fromEntries(kept.map(([path, { class: className, digest }]) => [path, { className, ...(digest as object), bytes: '' }]));
}

describe.each(['hists_0.root', 'others_0.root', 'refs_0.root', 'worker_0.root'])('%s with all objects relocated', (name) => {
  it('reads the same in ROOT, without a message', async () => {
    using scratch = new Scratch();
    const moved = scratch.path('moved.root');
    expect(relocate(fixture(name), moved)).toBeGreaterThan(0);
    const [before, after] = [await oracle.dump(fixture(name)), await oracle.dump(moved)];
    if (!before.ok || !after.ok) throw new Error(JSON.stringify([before, after]));
    expect(contents(after.result)).toEqual(contents(before.result));
    expect(newMessages(before.messages, after.messages)).toEqual([]);
    const open = await oracle.openCheck(moved);
    expect(open).toMatchObject({ ok: true, result: { opened: true, recovered: false, unread: [] } });
  });
});
