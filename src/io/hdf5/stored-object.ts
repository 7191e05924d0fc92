/**
 * What the header of an object says of it, beside what the library tells: where listing links or attributes fails halfway, the library
 * gives those it has met and says nothing. Source: HDF5 file format specification, "Group Symbol Table Nodes", "Version 1 B-trees",
 * "Version 2 B-trees", "The Link Info Message", "The Attribute Info Message".
 */
import { CorruptFileError } from '../../errors.ts';
import type { Hdf5Kind } from './hdf5-object.ts';
import { MESSAGE, readHeader, withinHeader, type HeaderMessage, type HeaderPlace } from './object-header.ts';
import { NO_ADDRESS, readBytes } from './superblock.ts';

/** An object as its header has it. */
export interface StoredObject {
  /** Undefined for what is none of those. */
  kind: Hdf5Kind | undefined;
  links: StoredLinks;
  attributeCount: number;
}

/** The links of a group. */
interface StoredLinks {
  count: number;
  /** True when all of them are names of objects in the file; false also where that cannot be told from outside of a heap. */
  areHard: boolean;
}

const NO_LINKS: StoredLinks = { count: 0, areHard: true };

/** Reads a header and the indexes of links and attributes it leads to. @throws CorruptFileError */
export function readStoredObject(place: HeaderPlace): StoredObject {
  return withinHeader(place, () => {
    const { messages } = readHeader(place);
    const find = (type: number): HeaderMessage | undefined => messages.find((message) => message.type === type);
    const attributes = messages.filter(({ type }) => type === MESSAGE.attribute).length;
    return {
      kind: kindOf(new Set(messages.map(({ type }) => type))),
      links: sumOf([linksOfTable(place, find(MESSAGE.symbolTable)), linksInHeader(messages), linksInHeap(place, find(MESSAGE.linkInfo))]),
      attributeCount: attributes + recordsOfIndex(place, indexAddress(find(MESSAGE.attributeInfo), 2)),
    };
  });
}

/** As the library tells kinds apart. */
function kindOf(types: ReadonlySet<number>): Hdf5Kind | undefined {
  if (types.has(MESSAGE.symbolTable) || types.has(MESSAGE.linkInfo)) return 'group';
  if (!types.has(MESSAGE.datatype)) return undefined;
  return types.has(MESSAGE.dataspace) ? 'dataset' : 'datatype';
}

function sumOf(parts: readonly StoredLinks[]): StoredLinks {
  return { count: parts.reduce((sum, { count }) => sum + count, 0), areHard: parts.every(({ areHard }) => areHard) };
}

/** Flag of a link message that names its type; without it the link is hard. */
const HAS_LINK_TYPE = 0x08;

function linksInHeader(messages: readonly HeaderMessage[]): StoredLinks {
  const links = messages.filter(({ type }) => type === MESSAGE.link);
  const isHard = ({ chunk: { bytes }, at }: HeaderMessage): boolean =>
    (bytes.readUInt8(at + 1) & HAS_LINK_TYPE) === 0 || bytes.readUInt8(at + 2) === 0;
  return { count: links.length, areHard: links.every(isHard) };
}

function linksInHeap(place: HeaderPlace, info: HeaderMessage | undefined): StoredLinks {
  const count = recordsOfIndex(place, indexAddress(info, 8));
  return { count, areHard: count === 0 };
}

/**
 * Address of the index by name of what lies in a heap.
 * @param info version, flags, the greatest number of a creation where they are counted, address of the heap, this one
 */
function indexAddress(info: HeaderMessage | undefined, creationBytes: number): bigint {
  if (info === undefined) return NO_ADDRESS;
  const { bytes } = info.chunk;
  const isCounted = (bytes.readUInt8(info.at + 1) & 1) !== 0;
  return bytes.readBigUInt64LE(info.at + 2 + (isCounted ? creationBytes : 0) + 8);
}

/** Signature, version, type, sizes of nodes and records, depth, percentages, root, its records, then the number of all records. */
const INDEX_BYTES = 34;
const RECORD_COUNT_AT = 26;

/** Number of all records in a B-tree of version 2. */
function recordsOfIndex({ source, basePosition }: HeaderPlace, address: bigint): number {
  if (address === NO_ADDRESS) return 0;
  const bytes = readBytes(source, basePosition + Number(address), INDEX_BYTES);
  expectSignature(bytes, 'BTHD', source.path, basePosition + Number(address));
  return Number(bytes.readBigUInt64LE(RECORD_COUNT_AT));
}

/** Bytes of a node before its first key: signature, type, level, number of entries, neighbours. A key and an address have 8 bytes each. */
const NODE_HEAD_BYTES = 24;
/** Signature, version, reserved, number of symbols. */
const LEAF_HEAD_BYTES = 8;
const SYMBOL_BYTES = 40;
/** Offset of name, address of header, then what is cached: 2 for a soft link. */
const CACHE_TYPE_AT = 16;
const SOFT_LINK = 2;

/** Signature, version, reserved, size of the data, free list, address of the data. */
const HEAP_BYTES = 32;

/**
 * Links of a group as they were stored up to HDF5 1.8: a B-tree of version 1 whose leaves are symbol table nodes, and a heap with their
 * names. The library, where addresses have 32 bits, does not see what is wrong in the upper half of a length.
 */
function linksOfTable(place: HeaderPlace, table: HeaderMessage | undefined): StoredLinks {
  if (table === undefined) return NO_LINKS;
  const { bytes } = table.chunk;
  const namesBytes = sizeOfHeap(place, bytes.readBigUInt64LE(table.at + 8));
  return new LinkTree(place, namesBytes).linksBelow(bytes.readBigUInt64LE(table.at), undefined);
}

function sizeOfHeap({ source, basePosition }: HeaderPlace, address: bigint): bigint {
  const position = basePosition + Number(address);
  const head = readBytes(source, position, HEAP_BYTES);
  expectSignature(head, 'HEAP', source.path, position);
  const [size, data] = [head.readBigUInt64LE(8), head.readBigUInt64LE(24)];
  if (BigInt(basePosition) + data + size > BigInt(source.sizeBytes)) {
    throw new CorruptFileError('names of links reach beyond the file', { file: source.path, offset: position });
  }
  return size;
}

class LinkTree {
  readonly #place: HeaderPlace;
  readonly #namesBytes: bigint;
  readonly #seen = new Set<bigint>();

  /** @param namesBytes size of the heap with the names */
  constructor(place: HeaderPlace, namesBytes: bigint) {
    this.#place = place;
    this.#namesBytes = namesBytes;
  }

  /** @param level that of the node: -1 for a leaf, undefined for the root, which has any */
  linksBelow(address: bigint, level: number | undefined): StoredLinks {
    const position = this.#place.basePosition + Number(address);
    if (this.#seen.has(address)) throw this.#damage(position, 'a node of links is met twice');
    this.#seen.add(address);
    return level === -1 ? this.#symbolsAt(position) : sumOf(this.#childrenAt(position, level).map((child) => this.linksBelow(...child)));
  }

  /** Children of a node with their level. */
  #childrenAt(position: number, expected: number | undefined): [bigint, number][] {
    const head = this.#read(position, NODE_HEAD_BYTES, 'TREE');
    const [level, count] = [head.readUInt8(5), head.readUInt16LE(6)];
    if (level !== (expected ?? level)) throw this.#damage(position, `a node of links has level ${level} instead of ${expected}`);
    const entries = readBytes(this.#place.source, position + NODE_HEAD_BYTES, 16 * count + 8); // keys around children
    for (let i = 0; i <= count && count > 0; i++) this.#expectName(entries.readBigUInt64LE(16 * i), position);
    return Array.from({ length: count }, (_, i) => [entries.readBigUInt64LE(16 * i + 8), level - 1]);
  }

  #symbolsAt(position: number): StoredLinks {
    const count = this.#read(position, LEAF_HEAD_BYTES, 'SNOD').readUInt16LE(6);
    const symbols = readBytes(this.#place.source, position + LEAF_HEAD_BYTES, SYMBOL_BYTES * count);
    let areHard = true;
    for (let at = 0; at < symbols.length; at += SYMBOL_BYTES) {
      this.#expectName(symbols.readBigUInt64LE(at), position);
      if (symbols.readUInt32LE(at + CACHE_TYPE_AT) === SOFT_LINK) areHard = false;
    }
    return { count, areHard };
  }

  #read(position: number, length: number, signature: string): Buffer {
    const bytes = readBytes(this.#place.source, position, length);
    expectSignature(bytes, signature, this.#place.source.path, position);
    return bytes;
  }

  #expectName(offset: bigint, position: number): void {
    if (offset >= this.#namesBytes) throw this.#damage(position, 'name of a link lies outside of its heap');
  }

  #damage(offset: number, reason: string): CorruptFileError {
    return new CorruptFileError(reason, { file: this.#place.source.path, offset });
  }
}

function expectSignature(bytes: Buffer, signature: string, file: string, offset: number): void {
  const found = bytes.toString('latin1', 0, 4);
  if (found === signature) return;
  throw new CorruptFileError('wrong signature', { file, offset, expected: signature, found: JSON.stringify(found) });
}
