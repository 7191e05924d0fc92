/** Single changes in files that are stored uncompressed, each at a known place. */
import { readFileSync } from 'node:fs';
import { xxh3 } from '../../../src/io/codec/hash.ts';
import { objectPath, openRootFile, type DirectoryNode, type RootFile } from '../../../src/io/root/root-file.ts';
import { readInfoSet } from '../../../src/io/pool/pool-contents.ts';
import { ElementCounter, columnTraits } from '../../../src/io/root/rntuple/element-counter.ts';
import { columnTypeName } from '../../../src/io/root/rntuple/column-types.ts';
import { openRNTuple, readClusters } from '../../../src/io/root/rntuple/rntuple.ts';
import { member, targetOf } from '../../../src/io/root/streamer/member.ts';
import { basicSize } from '../../../src/io/root/streamer/type-codes.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { readBasketRows } from '../../../src/io/root/tree/branch-rows.ts';
import { branchName } from '../../../src/io/root/tree/basket-table.ts';
import { TreeReader } from '../../../src/io/root/tree/tree-reader.ts';

/** Numbers from 0 to below `limit` that follow from a seed (mulberry32). */
export function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

/** Bytes to change: file offset, length, and where the difference must be found. */
export interface Place {
  /** Path of the object without cycle. */
  path: string;
  /** Beginning of `Difference.at`. */
  at: string;
  offset: number;
  bytes: number;
}

/** Every key of a class that the test takes, with its directory. */
function keysOf(file: RootFile, className: RegExp): [DirectoryNode, number][] {
  return file.directories.flatMap((directory) => Array.from({ length: directory.keys.count }, (_, i): [DirectoryNode, number] => [directory, i]).filter(([, i]) => className.test(directory.keys.className(i))));
}

/** Every value of the given array members of all histograms: bins, squared errors, labels. */
export function histogramPlaces(path: string): Place[] {
  using file = openRootFile(path);
  const infos = readInfoSet(file);
  return keysOf(file, /^(TH[123][CSILFD]|TProfile)$/).flatMap(([directory, i]) => {
    const { key, payload } = file.readObject(directory, i);
    if (key.nbytes - key.keylen !== key.objlen) return []; // compressed
    const base = directory.keys.seekKey(i) + key.keylen;
    const name = objectPath(directory, i).replace(/;\d+$/, '');
    const { root } = walkObject(payload, key.keylen, key.className, infos);
    const arrays = ['fArray', 'fSumw2.fArray', 'fBinEntries.fArray'].flatMap((at): Place[] => {
      const node = member(root, at);
      if (node?.kind !== 'raw' || node.count === 0) return [];
      const width = basicSize(node.type);
      return Array.from({ length: node.count }, (_, k) => ({ path: name, at: `${at}[${k}]`, offset: base + node.end - (node.count - k) * width, bytes: width }));
    });
    const labels = targetOf(member(root, 'fXaxis.fLabels'));
    const texts = (labels?.kind === 'object' ? labels.children : []).flatMap((child): Place[] => {
      const text = child.kind === 'pointer' && child.target !== null ? member(child.target, 'fString') : null;
      return text?.kind === 'raw' ? [{ path: name, at: 'fXaxis.fLabels', offset: base + text.start + 1, bytes: 1 }] : [];
    });
    return [...arrays, ...texts];
  });
}

/** Every entry of every branch whose basket is stored as it is. */
export function treePlaces(path: string): Place[] {
  using file = openRootFile(path);
  const infos = readInfoSet(file);
  return keysOf(file, /^TTree$/).flatMap(([directory, i]) => {
    const tree = new TreeReader(file, directory, i, infos);
    const { baskets, scan } = tree;
    return Array.from({ length: scan.branches.count }, (_, row) => row).flatMap((row) =>
      Array.from({ length: (baskets.start[row + 1] as number) - (baskets.start[row] as number) }, (_, k) => (baskets.start[row] as number) + k).flatMap((basket): Place[] => {
        if (baskets.seek[basket] === 0) return [];
        const rows = readBasketRows(file, scan, baskets, basket);
        return Array.from({ length: rows.count }, (_, k) => ({
          path: objectPath(directory, i).replace(/;\d+$/, ''),
          at: `${branchName(scan, row)}[${rows.firstEntry + k}]`,
          offset: (baskets.seek[basket] as number) + rows.keylen + (rows.bounds[k] as number),
          bytes: (rows.bounds[k + 1] as number) - (rows.bounds[k] as number),
        }));
      }),
    );
  });
}

/** Every page of plain numbers of the RNTuples, with the place of its checksum behind it. */
export function pagePlaces(path: string): (Place & { pageOffset: number; pageBytes: number; hasChecksum: boolean })[] {
  using file = openRootFile(path);
  return keysOf(file, /RNTuple$/).flatMap(([directory, i]) => {
    const tuple = openRNTuple(file, directory, i);
    const { columns, fields } = tuple.footer.schema;
    const counter = new ElementCounter(columnTraits(tuple.footer.schema));
    return [...readClusters(tuple.source, counter)].flatMap((cluster) =>
      columns.flatMap(({ type, bits, fieldId }, c) => {
        const isPlain = /^U?Int(8|16|32|64)$|^Real(32|64)$/.test(columnTypeName(type));
        const pages = Array.from({ length: isPlain ? (cluster.pageStart[c + 1] as number) - (cluster.pageStart[c] as number) : 0 }, (_, k) => (cluster.pageStart[c] as number) + k);
        return pages.map((p) => ({
          path: objectPath(directory, i).replace(/;\d+$/, ''),
          at: fields[fieldId]?.parentId === fieldId ? `${fields[fieldId].name}[` : '',
          offset: cluster.offset[p] as number,
          bytes: Math.min(bits / 8, cluster.storedBytes[p] as number),
          pageOffset: cluster.offset[p] as number,
          pageBytes: cluster.storedBytes[p] as number,
          hasChecksum: (cluster.checksumBytes[p] as number) > 0,
        }));
      }),
    );
  });
}

/** A copy of the file with one bit of a place changed. */
export function changed(path: string, { offset, bytes }: Place, pick: (limit: number) => number): Buffer {
  const copy = readFileSync(path);
  const at = offset + pick(bytes);
  copy[at] = (copy[at] as number) ^ (1 << pick(7));
  return copy;
}

/** Makes the checksum of a changed page right again. */
export function sealPage(copy: Buffer, { pageOffset, pageBytes }: { pageOffset: number; pageBytes: number }): void {
  copy.writeBigUInt64LE(xxh3(copy.subarray(pageOffset, pageOffset + pageBytes)), pageOffset + pageBytes);
}
