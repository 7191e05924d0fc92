/** Single changes in files that are stored uncompressed, each at a known place. */
import { readFileSync } from 'node:fs';
import { xxh3 } from '../../../src/io/codec/hash.ts';
import { BOOKKEEPING } from '../../../src/io/pool/bookkeeping.ts';
import { INDEX_NAME } from '../../../src/io/pool/containers.ts';
import { objectPath, openRootFile, type DirectoryNode, type RootFile } from '../../../src/io/root/root-file.ts';
import { readInfoSet } from '../../../src/io/root/root-file-infos.ts';
import { ElementCounter, columnTraits } from '../../../src/io/root/rntuple/element-counter.ts';
import { columnTypeName } from '../../../src/io/root/rntuple/column-types.ts';
import { openRNTuple, readClusters } from '../../../src/io/root/rntuple/rntuple.ts';
import { member, targetOf } from '../../../src/io/root/streamer/member.ts';
import type { SpanNode } from '../../../src/io/root/streamer/span-graph.ts';
import { basicSize } from '../../../src/io/root/streamer/type-codes.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { branchesByPath } from '../../../src/io/root/tree/branch-paths.ts';
import { readBasketRows } from '../../../src/io/root/tree/branch-rows.ts';
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
  /** What the bytes are, for messages. */
  what?: string;
  /** The page the bytes are in, whose checksum must fit; undefined for what has none. */
  page?: { offset: number; bytes: number; hasChecksum: boolean };
}

/** Every key of a class that the test takes, with its directory: newest cycles only. */
function keysOf(file: RootFile, className: RegExp): [DirectoryNode, number][] {
  return file.directories.flatMap((directory) =>
    Array.from({ length: directory.keys.count }, (_, i): [DirectoryNode, number] => [directory, i]).filter(([{ keys }, i]) => {
      const isNewest = Array.from({ length: keys.count }, (_, j) => j).every(
        (j) => keys.name(j) !== keys.name(i) || keys.cycle(j) <= keys.cycle(i),
      );
      return isNewest && className.test(keys.className(i));
    }),
  );
}

function pathOf(directory: DirectoryNode, i: number): string {
  return objectPath(directory, i).replace(/;\d+$/, '');
}

/** Every value of the given array members of all histograms: bins, squared errors, labels. */
export function histogramPlaces(path: string): Place[] {
  using file = openRootFile(path);
  const infos = readInfoSet(file);
  return keysOf(file, /^(TH[123][CSILFD]|TProfile)$/).flatMap(([directory, i]) => {
    const { key, payload } = file.readObject(directory, i);
    if (key.nbytes - key.keylen !== key.objlen) return []; // compressed
    const base = directory.keys.seekKey(i) + key.keylen;
    const name = pathOf(directory, i);
    const { root } = walkObject(payload, key.keylen, key.className, infos);
    const arrays = ['fArray', 'fSumw2.fArray', 'fBinEntries.fArray'].flatMap((at): Place[] => {
      const node = member(root, at);
      if (node?.kind !== 'raw' || node.count === 0) return [];
      const width = basicSize(node.type);
      return Array.from({ length: node.count }, (_, k) => ({
        path: name,
        at: `${at}[${k}]`,
        offset: base + node.end - (node.count - k) * width,
        bytes: width,
      }));
    });
    const labels = targetOf(member(root, 'fXaxis.fLabels'));
    const texts = (labels?.kind === 'object' ? labels.children : []).flatMap((child): Place[] => {
      const text = child.kind === 'pointer' && child.target !== null ? member(child.target, 'fString') : null;
      return text?.kind === 'raw' ? [{ path: name, at: 'fXaxis.fLabels', offset: base + text.start + 1, bytes: 1 }] : [];
    });
    return [...arrays, ...texts];
  });
}

/** Values, texts and arrays of any other object; what says something of memory only is left out. */
export function objectPlaces(path: string): Place[] {
  using file = openRootFile(path);
  const infos = readInfoSet(file);
  return keysOf(file, /^(?!TH|TProfile|TTree|TNtuple|TDirectory|TProcessID|ROOT::)/).flatMap(([directory, i]) => {
    const { key, payload } = file.readObject(directory, i);
    if (key.nbytes - key.keylen !== key.objlen) return [];
    const base = directory.keys.seekKey(i) + key.keylen;
    const { root, source } = walkObject(payload, key.keylen, key.className, infos);
    const spans: [number, number][] = [];
    collectSpans(root, new Set(), spans);
    return spans
      .filter(([start, end]) => end > start && end <= source.bytes.length)
      .map(([start, end]) => ({ path: pathOf(directory, i), at: '', offset: base + start, bytes: end - start }));
  });
}

/** Byte ranges of values in an object: fields of runs, arrays, characters of texts. */
function collectSpans(node: SpanNode, met: Set<SpanNode>, spans: [number, number][]): void {
  if (met.has(node)) return;
  met.add(node);
  if (node.kind === 'pointer') {
    if (node.target !== null) collectSpans(node.target, met, spans);
  } else if (node.kind === 'object') {
    for (const child of node.children) collectSpans(child, met, spans);
  } else if (node.className !== 'TObject') {
    if (node.fields !== null) {
      spans.push(
        ...node.fields
          .filter(({ name }) => name !== 'pidf')
          .map(({ offset, width, count }): [number, number] => [node.start + offset, node.start + offset + width * count]),
      );
    } else if (node.className === 'TString') spans.push([node.start + 1, node.end]);
    else if (node.count > 0 && basicSize(node.type) > 0) spans.push([node.end - node.count * basicSize(node.type), node.end]);
  }
}

/** Every entry of every branch whose basket is stored as it is. */
export function treePlaces(path: string): Place[] {
  using file = openRootFile(path);
  const infos = readInfoSet(file);
  return keysOf(file, /^TTree$/).flatMap(([directory, i]) => {
    const tree = new TreeReader(file, directory, i, infos);
    const { baskets, scan } = tree;
    return [...branchesByPath(tree)].flatMap(([name, row]) =>
      Array.from(
        { length: (baskets.start[row + 1] as number) - (baskets.start[row] as number) },
        (_, k) => (baskets.start[row] as number) + k,
      ).flatMap((basket): Place[] => {
        if (baskets.seek[basket] === 0) return [];
        const rows = readBasketRows(file, scan, baskets, basket);
        return Array.from({ length: rows.count }, (_, k) => ({
          path: pathOf(directory, i),
          at: `${name}[${rows.firstEntry + k}]`,
          offset: (baskets.seek[basket] as number) + rows.keylen + (rows.bounds[k] as number),
          bytes: (rows.bounds[k + 1] as number) - (rows.bounds[k] as number),
        }));
      }),
    );
  });
}

/**
 * The same of a POOL file, where rules say what must differ: any byte but what is the file's own (its name), what nobody reads,
 * indices of file records, of which two may name the same file, and index_ref where each input has one row: its upper half
 * may be another one, so that references tell, not the row.
 */
export function poolPlaces(path: string): Place[] {
  const text = readFileSync(path, 'latin1');
  const isFree = ({ path: object, at, what = at, offset, bytes }: Place): boolean =>
    /dbIdx|m_commonDbIndex/.test(what) ||
    (object.startsWith('/MetaData') && what.startsWith(INDEX_NAME)) ||
    (object.startsWith('/##') && (at.startsWith(INDEX_NAME) || text.slice(offset, offset + bytes).includes('[NAME=PFN]')));
  return [...treePlaces(path).filter(({ bytes }) => bytes > 0), ...pagePlaces(path)]
    .filter((place) => !isFree(place))
    .map((place) => ({ ...place, at: '', what: place.what ?? place.at }));
}

/** Tokens of event tags, as whole texts of equal length. */
export function tokenPlaces(path: string): Place[] {
  return treePlaces(path)
    .filter(({ at, bytes }) => at.startsWith('Token[') && bytes > 0)
    .map((place) => ({ ...place, at: `POOLCollectionTree(Token)${place.at.slice(5)}` }));
}

/** Rows of ##Links. */
export function linkPlaces(path: string): Place[] {
  return treePlaces(path)
    .filter(({ path: object, at }) => object === `/${BOOKKEEPING.links}` && at.startsWith('db_string'))
    .map((place) => ({ ...place, at: '', what: place.at }));
}

/** Every page of numbers or characters of the RNTuples. */
export function pagePlaces(path: string): Place[] {
  using file = openRootFile(path);
  return keysOf(file, /RNTuple$/).flatMap(([directory, i]) => {
    const tuple = openRNTuple(file, directory, i);
    const { columns, fields } = tuple.footer.schema;
    const counter = new ElementCounter(columnTraits(tuple.footer.schema));
    return [...readClusters(tuple.source, counter)].flatMap((cluster) =>
      columns.flatMap(({ type, fieldId }, c) => {
        const isPlain = /^(Split)?(U?Int(8|16|32|64)|Real(32|64))$|^Char$/.test(columnTypeName(type));
        const pages = Array.from(
          { length: isPlain ? (cluster.pageStart[c + 1] as number) - (cluster.pageStart[c] as number) : 0 },
          (_, k) => (cluster.pageStart[c] as number) + k,
        );
        return pages.map((p): Place => {
          const [offset, bytes] = [cluster.offset[p] as number, cluster.storedBytes[p] as number];
          const field = fields[fieldId];
          return {
            path: pathOf(directory, i),
            at: field?.parentId === fieldId ? field.name : '',
            what: field?.name ?? '',
            offset,
            bytes,
            page: { offset, bytes, hasChecksum: (cluster.checksumBytes[p] as number) > 0 },
          };
        });
      }),
    );
  });
}

/** A copy of the file with one bit of a place changed; `bits`: from which of a byte (5: a letter does not only change its case). */
export function changed(path: string, place: Place, pick: (limit: number) => number, bits = 7): Buffer {
  const copy = readFileSync(path);
  const at = place.offset + pick(place.bytes);
  copy[at] = (copy[at] as number) ^ (1 << pick(bits));
  seal(copy, place);
  return copy;
}

/** A copy of the file with two places of equal length exchanged. */
export function exchanged(path: string, a: Place, b: Place): Buffer {
  const copy = readFileSync(path);
  const [x, y] = [a, b].map(({ offset, bytes }) => Buffer.from(copy.subarray(offset, offset + bytes))) as [Buffer, Buffer];
  copy.set(y, a.offset);
  copy.set(x, b.offset);
  return copy;
}

/** Makes the checksum of a changed page right again. */
function seal(copy: Buffer, { page }: Place): void {
  if (page?.hasChecksum === true) {
    copy.writeBigUInt64LE(xxh3(copy.subarray(page.offset, page.offset + page.bytes)), page.offset + page.bytes);
  }
}
