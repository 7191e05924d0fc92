/**
 * An RNTuple opened for reading: anchor, header, footer, and its clusters one at a time.
 * Checksums of all metadata are verified; pages are not read here.
 */
import { CorruptFileError, UnsupportedError, addContext, isPoolMergeError } from '../../../errors.ts';
import { decompress } from '../../codec/payload.ts';
import { objectPath, type DirectoryNode, type RootFile } from '../root-file.ts';
import { RNTUPLE_CLASS, parseAnchor, type Anchor, type EnvelopePlace } from './anchor.ts';
import type { ElementCounter } from './element-counter.ts';
import { parseFooter, type ClusterGroup, type Footer } from './footer.ts';
import { parseHeader, type Header } from './header.ts';
import { parsePageList, type Cluster } from './page-list.ts';

/** Largest envelope we hold in memory, bytes. */
const MAX_ENVELOPE_BYTES = 0x7fff_ffff;

/** What is needed to read the clusters of an RNTuple. */
export interface ClusterSource {
  readonly file: RootFile;
  /** Full path with cycle; used in messages. */
  readonly path: string;
  /** As in the anchor. */
  readonly maxKeySize: number;
  readonly headerChecksum: bigint;
  readonly clusterGroups: readonly ClusterGroup[];
}

/** An open RNTuple. */
export interface RNTuple {
  readonly anchor: Anchor;
  /** The header envelope as stored. */
  readonly headerStored: Uint8Array;
  readonly header: Header;
  readonly footer: Footer;
  readonly entryCount: number;
  readonly source: ClusterSource;
}

/**
 * Opens the RNTuple of key `i` of a directory. `like`: another one; parsed forms of equal bytes are shared.
 * UnsupportedError for features of other format versions.
 */
export function openRNTuple(file: RootFile, directory: DirectoryNode, i: number, like?: RNTuple): RNTuple {
  const path = objectPath(directory, i);
  try {
    const { payload } = file.readObject(directory, i);
    return openAnchor(file, path, parseAnchor(directory.keys.className(i), payload), like);
  } catch (err) {
    throw addContext(err, { file: file.path, objectPath: path });
  }
}

/** Opens the attribute sets linked from an RNTuple, by name. `like`: a set of that name as in `openRNTuple`. Errors as there. */
export function openAttributeSets(
  { source: { file, path }, footer }: RNTuple,
  like?: (name: string) => RNTuple | undefined,
): Map<string, RNTuple> {
  const sets = new Map<string, RNTuple>();
  for (const { name, anchor } of footer.attributeSets) {
    const setPath = `${path}: attribute set ${name}`;
    try {
      if (sets.has(name)) throw new CorruptFileError('attribute set occurs twice');
      sets.set(
        name,
        openAnchor(file, setPath, parseAnchor(RNTUPLE_CLASS, file.source.read(anchor.offset, anchor.storedBytes)), like?.(name)),
      );
    } catch (err) {
      throw addContext(err, { file: file.path, objectPath: setPath });
    }
  }
  return sets;
}

function openAnchor(file: RootFile, path: string, anchor: Anchor, like?: RNTuple): RNTuple {
  const headerStored = readStored(file, anchor.header, anchor.maxKeySize, 'header');
  const isShared =
    like !== undefined && anchor.header.bytes === like.anchor.header.bytes && Buffer.compare(headerStored, like.headerStored) === 0;
  const header = isShared ? like.header : parseHeader(unpack(headerStored, anchor.header, 'header'));
  const footer = parseFooter(readEnvelope(file, anchor.footer, anchor.maxKeySize, 'footer'), header, isShared ? like.footer : undefined);
  const { clusterGroups } = footer;
  const source = { file, path, maxKeySize: anchor.maxKeySize, headerChecksum: header.checksum, clusterGroups };
  const entryCount = clusterGroups.reduce((sum, group) => sum + group.entryCount, 0);
  return { anchor, headerStored: isShared ? like.headerStored : headerStored, header, footer, entryCount, source };
}

/**
 * The clusters of all groups in order, one in memory at a time. Each is checked by `counter` (which must be
 * fresh) and counted after the caller is done with it; pages must lie inside the file. CorruptFileError with
 * file and path otherwise, UnsupportedError for pages that are spread over several keys.
 */
export function* readClusters(tuple: ClusterSource, counter: ElementCounter): Generator<Cluster> {
  const { file, path } = tuple;
  try {
    for (const group of tuple.clusterGroups) {
      const end = counter.entryCount + group.entryCount;
      const bytes = readEnvelope(file, group.pageList, tuple.maxKeySize, 'page list');
      for (const cluster of parsePageList(bytes, tuple.headerChecksum, group.clusterCount)) {
        counter.check(cluster);
        checkPlaces(tuple, cluster);
        yield cluster;
        counter.advance(cluster);
      }
      if (counter.entryCount !== end) {
        throw new CorruptFileError('RNTuple cluster group has another number of entries than its clusters', {
          expected: end,
          found: counter.entryCount,
        });
      }
    }
  } catch (err) {
    throw addContext(err, { file: file.path, objectPath: path });
  }
}

function checkPlaces({ file, maxKeySize }: ClusterSource, cluster: Cluster): void {
  const { begin, end } = file.header;
  for (let p = 0; p < cluster.offset.length; p++) {
    const offset = cluster.offset[p] as number;
    const bytes = (cluster.storedBytes[p] as number) + (cluster.checksumBytes[p] as number);
    if (offset < begin || offset + bytes > end) {
      throw new CorruptFileError('RNTuple page lies outside the file', {
        offset,
        expected: `${begin} to ${end}`,
        found: `${offset} to ${offset + bytes}`,
      });
    }
    refuseSpread('page', bytes, maxKeySize, offset);
  }
}

/** What exceeds the largest key lies in several: its locator points at the first part, whose end lists the others. */
function refuseSpread(what: string, bytes: number, maxKeySize: number, offset: number): void {
  if (maxKeySize > 0 && bytes > maxKeySize) {
    throw new UnsupportedError(`RNTuple ${what} of ${bytes} bytes is spread over several keys`, { offset });
  }
}

function readEnvelope(file: RootFile, place: EnvelopePlace, maxKeySize: number, what: string): Uint8Array {
  return unpack(readStored(file, place, maxKeySize, what), place, what);
}

function readStored(file: RootFile, place: EnvelopePlace, maxKeySize: number, what: string): Uint8Array {
  const { offset, storedBytes, bytes } = place;
  if (storedBytes > bytes || offset + storedBytes > file.header.end || offset < file.header.begin) {
    throw new CorruptFileError(`RNTuple ${what} lies outside the file or has impossible sizes`, {
      offset,
      expected: `at most ${bytes} bytes before ${file.header.end}`,
      found: `${storedBytes} bytes`,
    });
  }
  refuseSpread(what, storedBytes, maxKeySize, offset);
  if (bytes > MAX_ENVELOPE_BYTES) {
    throw new UnsupportedError(`RNTuple ${what} has ${bytes} bytes: more than ${MAX_ENVELOPE_BYTES} are not held in memory`, { offset });
  }
  return file.source.read(offset, storedBytes);
}

function unpack(stored: Uint8Array, place: EnvelopePlace, what: string): Uint8Array {
  if (stored.length === place.bytes) return stored;
  try {
    return decompress(stored, place.bytes);
  } catch (err) {
    if (isPoolMergeError(err, 'CORRUPT_FILE')) {
      throw new CorruptFileError(`RNTuple ${what}: ${err.reason}`, { offset: place.offset + (err.offset ?? 0), cause: err });
    }
    throw err;
  }
}
