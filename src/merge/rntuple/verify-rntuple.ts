/**
 * Holds a written RNTuple against the plan: reads anchor, header, footer and page lists back (checksums,
 * continuous element indexes, number of entries) and checks that envelopes and pages lie in RBlob records.
 */
import { CorruptFileError, VerificationError } from '../../errors.ts';
import type { DirectoryNode, RootFile } from '../../io/root/root-file.ts';
import { BLOB_CLASS, BLOB_KEY_BYTES } from '../../io/root/rntuple/blob.ts';
import { ElementCounter, columnTraits } from '../../io/root/rntuple/element-counter.ts';
import { openAttributeSets, openRNTuple, readClusters, type RNTuple } from '../../io/root/rntuple/rntuple.ts';
import { pageRanges } from './page-ranges.ts';

/** What was planned. */
export interface ExpectedTuple {
  entries: number;
  /** Entries of its attribute sets by name; undefined: it has none. */
  attributeEntries?: ReadonlyMap<string, number> | undefined;
}

/** Checks the RNTuple of key `keyIndex` and its attribute sets; CorruptFileError or VerificationError when it is not what was planned. */
export function verifyRNTuple(
  file: RootFile,
  directory: DirectoryNode,
  keyIndex: number,
  { entries, attributeEntries = new Map() }: ExpectedTuple,
): void {
  const tuple = openRNTuple(file, directory, keyIndex);
  verifyOne(file, tuple, entries, 'RNTuple');
  const sets = openAttributeSets(tuple);
  if (sets.size !== attributeEntries.size) {
    throw new VerificationError('number of attribute sets of the RNTuple differs from the plan', {
      planned: attributeEntries.size,
      found: sets.size,
    });
  }
  for (const [name, set] of sets) verifyOne(file, set, attributeEntries.get(name) ?? -1, `attribute set ${name}`);
}

function verifyOne(file: RootFile, { anchor, footer, source, entryCount }: RNTuple, planned: number, what: string): void {
  const blobs = new BlobChecker(file);
  for (const place of [anchor.header, anchor.footer, ...footer.clusterGroups.map((group) => group.pageList)]) {
    blobs.check(place.offset, place.storedBytes);
  }
  const counter = new ElementCounter(columnTraits(footer.schema));
  for (const cluster of readClusters(source, counter)) {
    const ranges = pageRanges(cluster);
    for (let i = 0; i < ranges.count; i++) blobs.check(ranges.position[i] as number, ranges.bytes[i] as number);
  }
  for (const found of [entryCount, counter.entryCount]) {
    if (found !== planned) throw new VerificationError(`number of entries of the ${what} differs from the plan`, { planned, found });
  }
}

/** Follows blobs through the file: what lies outside of the last one seen must begin a new one. */
class BlobChecker {
  readonly #file: RootFile;
  /** File offsets of the payload of the blob seen last. */
  #start = 0;
  #end = 0;

  constructor(file: RootFile) {
    this.#file = file;
  }

  check(offset: number, bytes: number): void {
    if (offset < this.#start || offset >= this.#end) this.#open(offset);
    if (offset + bytes > this.#end) {
      throw new CorruptFileError('RNTuple data reach beyond their RBlob record', {
        offset,
        expected: `at most ${this.#end - offset} bytes`,
        found: `${bytes} bytes`,
      });
    }
  }

  #open(offset: number): void {
    const key = this.#file.readKey(offset - BLOB_KEY_BYTES);
    if (key.className !== BLOB_CLASS || key.keylen !== BLOB_KEY_BYTES) {
      throw new CorruptFileError('RNTuple data do not begin behind an RBlob key', { offset, expected: BLOB_CLASS, found: key.className });
    }
    [this.#start, this.#end] = [offset, offset - BLOB_KEY_BYTES + key.nbytes];
  }
}
