/** What an RNTuple's anchor, footer and page lists say of places and counts is held against the file. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UnsupportedError, VerificationError } from '../../../src/errors.ts';
import { createRootFile } from '../../../src/io/component/root-output.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { encodeAnchor, type Anchor } from '../../../src/io/root/rntuple/anchor.ts';
import { ElementCounter, columnTraits } from '../../../src/io/root/rntuple/element-counter.ts';
import type { AttributeSet } from '../../../src/io/root/rntuple/footer.ts';
import { openTuple as openByPath } from '../../../src/io/root/rntuple/open-tuple.ts';
import { PageListWriter, parsePageList, type Cluster } from '../../../src/io/root/rntuple/page-list.ts';
import { openAttributeSets, readClusters, type RNTuple } from '../../../src/io/root/rntuple/rntuple.ts';
import { bootstrapInfos } from '../../../src/io/root/streamer/parse-infos.ts';
import { AttributeSets } from '../../../src/merge/rntuple/attribute-sets.ts';
import { verifyRNTuple } from '../../../src/merge/rntuple/verify-rntuple.ts';
import { Scratch } from '../../scratch.ts';
import { openTuple, sample } from './tuple-contents.ts';

/** Where the anchor of the sample lies: the payload of its key. */
const anchorAt = (): { at: number; anchor: Anchor } => {
  const { file, directory, keyIndex, tuple } = openTuple(sample('ixvw_0'));
  file.close();
  return { at: directory.keys.seekKey(keyIndex) + directory.keys.keylen(keyIndex), anchor: tuple.anchor };
};

function open(path: string): RNTuple {
  using file = openRootFile(path);
  return openByPath(file, '/nt');
}

describe('an anchor', () => {
  const { at, anchor } = anchorAt();
  const end = readFileSync(sample('ixvw_0')).length;
  const { header, footer } = anchor;

  it.each<[string, Partial<Anchor>, RegExp]>([
    ['of a header before the records', { header: { ...header, offset: 99 } }, /RNTuple header lies outside the file/],
    [
      'of a header one byte beyond the end',
      { header: { ...header, offset: end - header.storedBytes + 1 } },
      /RNTuple header lies outside the file or has impossible sizes: expected at most \d+ bytes before \d+, found \d+ bytes/,
    ],
    ['of a footer beyond the end', { footer: { ...footer, offset: 2 ** 40 } }, /RNTuple footer lies outside the file/],
    [
      'of a footer that grew by compression',
      { footer: { ...footer, bytes: footer.storedBytes - 1 } },
      /RNTuple footer .* impossible sizes/,
    ],
  ])('%s is damage', (_, change, message) => {
    using scratch = new Scratch();
    const bytes = readFileSync(sample('ixvw_0'));
    bytes.set(encodeAnchor({ ...anchor, ...change }), at);
    const path = scratch.put('bad.root', bytes);
    expect(() => open(path)).toThrow(message);
    expect(() => open(path)).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE', file: path, objectPath: '/nt;1' }));
  });

  it('of a header that ends with the file is read there', () => {
    using scratch = new Scratch();
    const bytes = readFileSync(sample('ixvw_0'));
    bytes.set(encodeAnchor({ ...anchor, header: { ...header, offset: end - header.storedBytes } }), at);
    expect(() => open(scratch.put('bad.root', bytes))).toThrow(/RNTuple header envelope/); // what lies there is none
  });

  it('of an envelope that no buffer holds is refused', () => {
    using scratch = new Scratch();
    const bytes = readFileSync(sample('ixvw_0'));
    bytes.set(encodeAnchor({ ...anchor, footer: { ...footer, bytes: 2 ** 31 } }), at);
    const path = scratch.put('bad.root', bytes);
    expect(() => open(path)).toThrow(UnsupportedError);
    expect(() => open(path)).toThrow('RNTuple footer has 2147483648 bytes: more than 2147483647 are not held in memory');
  });
});

describe('clusters', () => {
  /** Reads those of the sample with its first page list changed. */
  function readChanged(change: (cluster: Cluster) => void): Cluster[] {
    using scratch = new Scratch();
    const bytes = readFileSync(sample('ixvw_0'));
    const { file, tuple } = openTuple(sample('ixvw_0'));
    file.close();
    const [group] = tuple.footer.clusterGroups;
    if (group === undefined) throw new Error('no clusters');
    const { offset, storedBytes } = group.pageList;
    const writer = new PageListWriter();
    for (const cluster of parsePageList(bytes.subarray(offset, offset + storedBytes), tuple.header.checksum, group.clusterCount)) {
      change(cluster);
      writer.add(cluster);
    }
    const encoded = writer.encode(tuple.header.checksum);
    expect(encoded.length).toBe(storedBytes);
    bytes.set(encoded, offset);
    using changed = openRootFile(scratch.put('changed.root', bytes));
    return [...clustersOf(openByPath(changed, '/nt'))];
  }

  const clustersOf = (tuple: RNTuple): Generator<Cluster> =>
    readClusters(tuple.source, new ElementCounter(columnTraits(tuple.footer.schema)));

  it('may have pages up to the end of the file, and none beyond', () => {
    const end = readFileSync(sample('ixvw_0')).length;
    const place = (last: number) => (cluster: Cluster) => {
      const p = cluster.offset.length - 1;
      cluster.offset[p] = last - (cluster.storedBytes[p] as number) - (cluster.checksumBytes[p] as number);
    };
    expect(readChanged(place(end)).length).toBeGreaterThan(1);
    expect(() => readChanged(place(end + 1))).toThrow(/RNTuple page lies outside the file: expected 100 to \d+, found \d+ to \d+/);
    expect(() => readChanged((cluster) => (cluster.offset[0] = 99))).toThrow(CorruptFileError);
    expect(() => readChanged((cluster) => (cluster.offset[0] = 99))).toThrow(/page lies outside the file: expected 100 to \d+, found 99/);
    expect(readChanged((cluster) => (cluster.offset[0] = 100)).length).toBeGreaterThan(1);
  });

  it('have the entries of their group', () => {
    const { file, tuple } = openTuple(sample('ixvw_0'));
    const [group, ...more] = tuple.footer.clusterGroups;
    if (group === undefined) throw new Error('no clusters');
    const groups = (entryCount: number): RNTuple => ({
      ...tuple,
      source: { ...tuple.source, clusterGroups: [{ ...group, entryCount }, ...more] },
    });
    expect([...clustersOf(groups(group.entryCount))].length).toBe(group.clusterCount);
    for (const entries of [group.entryCount - 1, group.entryCount + 1]) {
      expect(() => [...clustersOf(groups(entries))]).toThrow(
        `RNTuple cluster group has another number of entries than its clusters: expected ${entries}, found ${group.entryCount}`,
      );
    }
    file.close();
  });
});

describe('attribute sets', () => {
  /** The sample with attribute sets changed, as merging adds it behind another input. */
  function add(change: (set: AttributeSet, main: AttributeSet['anchor']) => AttributeSet[]): void {
    const { file, directory, keyIndex, tuple } = openTuple(sample('attributes'));
    const [set] = tuple.footer.attributeSets;
    if (set === undefined) throw new Error('no attribute set');
    const { keys } = directory;
    const main = { offset: keys.seekKey(keyIndex) + keys.keylen(keyIndex), storedBytes: keys.nbytes(keyIndex) - keys.keylen(keyIndex) };
    try {
      addTo({ ...tuple, footer: { ...tuple.footer, attributeSets: change(set, main) } });
    } finally {
      file.close();
    }
  }

  const addTo = (tuple: RNTuple): void => {
    const input = { index: 1, path: 'second.root', file: tuple.source.file, infos: bootstrapInfos(), hasBranches: false, pidOffset: 0 };
    new AttributeSets({ target: 0, compression: 'keep', mayLack: false, refuse: () => undefined }).add(tuple, input, 10);
  };

  it('are added one by one', () => {
    expect(() => add((set) => [set])).not.toThrow();
    expect(() => add((set) => [set, { ...set, name: 'Other', version: [1, 7] }])).not.toThrow();
  });

  it('of one name, of a later version, or with sets of their own are refused', () => {
    expect(() => add((set) => [set, set])).toThrow(/\/nt;1: attribute set Runs: attribute set occurs twice/);
    expect(() => add((set) => [{ ...set, version: [2, 0] }])).toThrow('attribute set Runs has schema version 2.0: only 1 is known');
    expect(() => add((set, anchor) => [{ ...set, anchor }])).toThrow('attribute set Runs has attribute sets of its own');
  });

  it('need ranges of 64 bits', () => {
    using scratch = new Scratch();
    const path = scratch.path('ranges.root');
    const written = createRootFile(path);
    const tuple = written.bookTuple('/', { name: 'nt', columns: [{ name: '_rangeStart', type: 'int32' }] });
    tuple.fill({ _rangeStart: 1 });
    written.close();
    const { file, directory, keyIndex, tuple: own } = openTuple(path);
    const { keys } = directory;
    const anchor = { offset: keys.seekKey(keyIndex) + keys.keylen(keyIndex), storedBytes: keys.nbytes(keyIndex) - keys.keylen(keyIndex) };
    const attributeSets: AttributeSet[] = [{ name: 'Odd', version: [1, 0], anchor }];
    expect(() => addTo({ ...own, footer: { ...own.footer, attributeSets } })).toThrow('attribute set whose ranges are no 64-bit numbers');
    file.close();
  });

  it('that were not planned, or that are missing, are found when the output is verified', () => {
    using file = openRootFile(sample('attributes'));
    const entries = openByPath(file, '/nt').entryCount;
    const sets = openAttributeSets(openByPath(file, '/nt'));
    const planned = new Map([...sets].map(([name, set]) => [name, set.entryCount]));
    expect(planned.size).toBe(1);
    expect(() => verifyRNTuple(file, file.root, 0, { entries, attributeEntries: planned })).not.toThrow();
    expect(() => verifyRNTuple(file, file.root, 0, { entries })).toThrow(VerificationError);
    expect(() => verifyRNTuple(file, file.root, 0, { entries })).toThrow(/number of attribute sets .*planned 0, found 1/);
    const more = new Map([...planned].map(([name, count]) => [name, count + 1]));
    expect(() => verifyRNTuple(file, file.root, 0, { entries, attributeEntries: more })).toThrow(/entries of the attribute set Runs/);
    const other = new Map([...planned].map(([name, count]) => [`${name}2`, count]));
    expect(() => verifyRNTuple(file, file.root, 0, { entries, attributeEntries: other })).toThrow(/planned -1/);
  });
});
