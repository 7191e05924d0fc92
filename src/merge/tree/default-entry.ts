/**
 * One entry of a branch as an object with default members would be stored: numbers 0, texts and collections empty.
 * Built from the streamer infos; what they do not describe is an UnsupportedError, never a guess.
 *
 *   number                 zeros; arrays as many as they have elements
 *   TString                u8 0
 *   std::string            byte count, version, u8 0; u8 0 alone where it has a branch of its own
 *   collection             byte count, version, i32 0; of objects: version with bit 14, class version, i32 0
 *   object, base class     byte count, version (0 and checksum for classes without ClassDef), members
 *   TObject                version 1, u32 0, u32 0x03000000
 *   pointer                u32 0
 *
 * Source: ROOT io/io/src/TStreamerInfoWriteBuffer.cxx, TBufferFile::WriteVersion, TBranchElement::FillLeaves….
 */
import { UnsupportedError } from '../../errors.ts';
import { BigEndianWriter } from '../../io/bytes/big-endian.ts';
import { NEW_TOBJECT } from '../../io/root/streamer/root-object.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import type { StreamerElement, StreamerInfo } from '../../io/root/streamer/streamer-info.ts';
import { MEMBER_WISE_BIT, OFFSET_L, OFFSET_P, TypeCode, basicSize, byteCountWord } from '../../io/root/streamer/type-codes.ts';
import { BARE_WALKERS } from '../../io/root/streamer/walk-bare.ts';
import { FRAME_WALKERS } from '../../io/root/streamer/walk-by-hand.ts';
import { valueTypeOf } from '../../io/root/streamer/value-type.ts';
import { branchClassName } from '../../io/root/tree/basket-table.ts';
import { BRANCH, LEAF } from '../../io/root/tree/scan-layout.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';
import { branchPath } from './compare-branches.ts';

/** TBranchElement::fType. */
const BranchType = {
  ownStreamer: -1,
  member: 0,
  base: 1,
  object: 2,
  clones: 3,
  collection: 4,
  clonesMember: 31,
  collectionMember: 41,
} as const;
/** Version in the frame of an STL member: that of TStreamerInfo. */
const STL_VERSION = 9;
/** Classes deeper than this hold themselves. */
const MAX_DEPTH = 32;

/** The entry; undefined for a branch that only groups others and holds no data. */
export function defaultEntry(scan: TreeScan, row: number, infos: InfoSet): Uint8Array | undefined {
  const className = scan.branchClass[row] as string;
  try {
    if (className === 'TBranch') return leafEntry(scan, row);
    if (className === 'TBranchElement') return elementEntry(scan, row, infos);
  } catch (err) {
    if (!(err instanceof UnsupportedError)) throw err;
    throw new UnsupportedError(`no default for branch ${branchPath(scan, row)}: ${err.reason}`);
  }
  throw new UnsupportedError(`no default for branch ${branchPath(scan, row)}: it is a ${className}`);
}

/** Plain leaves: zeros, an empty text, nothing where another leaf counts the values. */
function leafEntry(scan: TreeScan, row: number): Uint8Array {
  const [start, count] = [scan.leafStart[row] as number, scan.leafCount[row] as number];
  const parts = scan.leafList.slice(start, start + count).map((leaf) => {
    if (scan.leafClass[leaf] === 'TLeafC') return new Uint8Array(1);
    if ((scan.leafCounter[leaf] as number) >= 0) return new Uint8Array(0);
    if (scan.leafClass[leaf] === 'TLeafObject' || scan.leafClass[leaf] === 'TLeafElement') {
      throw new UnsupportedError(`leaf of class ${scan.leafClass[leaf]}`);
    }
    const [length, width] = [LEAF.fLen, LEAF.fLenType].map((column) => scan.leaves.number(scan.view, leaf, column)) as [number, number];
    return new Uint8Array(length * width);
  });
  return Buffer.concat(parts);
}

function elementEntry(scan: TreeScan, row: number, infos: InfoSet): Uint8Array | undefined {
  const number = (column: number): number => scan.branches.number(scan.view, row, column);
  const type = number(BRANCH.fType);
  const hasChildren = scan.branchParent.includes(row);
  if (type === BranchType.clones || type === BranchType.collection) return new Uint8Array(4);
  if (type === BranchType.clonesMember || type === BranchType.collectionMember) return hasChildren ? undefined : new Uint8Array(0);
  if (hasChildren || type === BranchType.base || type === BranchType.object) return undefined;
  if (type === BranchType.ownStreamer && valueTypeOf(branchClassName(scan, row)).kind === 'string') return new Uint8Array(1);
  if (type !== BranchType.member) throw new UnsupportedError(`branch type ${type}`);
  const className = branchClassName(scan, row);
  const out = new DefaultWriter(infos);
  const id = number(BRANCH.fID);
  if (id < 0) out.topObject(className, number(BRANCH.fCheckSum) >>> 0, number(BRANCH.fClassVersion));
  else {
    const element = infoOf(infos, className, number(BRANCH.fCheckSum) >>> 0, number(BRANCH.fClassVersion)).elements[id];
    if (element === undefined) throw new UnsupportedError(`class ${className} has no member ${id}`);
    out.member(element, 0);
  }
  return out.done();
}

function infoOf(infos: InfoSet, className: string, checksum: number, version: number): StreamerInfo {
  const info = infos.findByChecksum(className, checksum) ?? infos.find(className, version);
  if (info === undefined) throw new UnsupportedError(`no streamer info for ${className}`);
  return info;
}

class DefaultWriter {
  readonly #w = new BigEndianWriter(256);
  readonly #infos: InfoSet;

  constructor(infos: InfoSet) {
    this.#infos = infos;
  }

  done(): Uint8Array {
    return this.#w.done();
  }

  /** A whole object in a branch of its own: no frame around its members; a collection has its frame. */
  topObject(className: string, checksum: number, version: number): void {
    const { kind } = valueTypeOf(className);
    if (kind === 'sequence' || kind === 'map') this.#collection(className);
    else if (kind === 'string') this.#string();
    else this.#members(infoOf(this.#infos, className, checksum, version), 0);
  }

  #members(info: StreamerInfo, depth: number): void {
    if (depth > MAX_DEPTH) throw new UnsupportedError(`class ${info.className} holds itself`);
    for (const element of info.elements) this.member(element, depth);
  }

  /** A member or base class, in the form `TStreamerInfo::WriteBuffer` gives it. */
  member(element: StreamerElement, depth: number): void {
    const { type, arrayLength } = element;
    const basic = type > OFFSET_L && type < 2 * OFFSET_L ? type - OFFSET_L : type;
    if (basic < OFFSET_L && basicSize(basic) > 0) {
      this.#w.raw(new Uint8Array((element.storedSize || basicSize(basic)) * Math.max(1, arrayLength)));
      return;
    }
    if (type > OFFSET_P && type < OFFSET_P + OFFSET_L) {
      this.#w.u8(0);
      return;
    }
    const base = type > OFFSET_P + OFFSET_L && type < 100 && arrayLength > 0 ? type - OFFSET_L : type;
    for (let i = 0; i < Math.max(1, arrayLength); i++) this.#one(element, base, depth);
  }

  #one(element: StreamerElement, type: number, depth: number): void {
    switch (type) {
      case TypeCode.charStar:
      case TypeCode.objectP:
      case TypeCode.anyP:
      case TypeCode.anyPnoVT:
        this.#w.u32(0);
        return;
      case TypeCode.tstring:
        this.#w.u8(0);
        return;
      case TypeCode.stlString:
        this.#string();
        return;
      case TypeCode.stl:
      case TypeCode.streamer:
        if (!element.elementClass.startsWith('TStreamerSTL')) {
          throw new UnsupportedError(`member ${element.name} of type ${element.typeName}, which has a streamer of its own`);
        }
        if (valueTypeOf(element.typeName).kind === 'string') this.#string();
        else this.#collection(element.typeName);
        return;
      case TypeCode.tobject:
        this.#w.raw(NEW_TOBJECT);
        return;
      case TypeCode.base:
        this.#object(element.name, depth, element.baseVersion);
        return;
      case TypeCode.object:
      case TypeCode.any:
      case TypeCode.tnamed:
      case TypeCode.objectp:
      case TypeCode.anyp:
        this.#object(element.elementClass === 'TStreamerBase' ? element.name : element.typeName.replace(/\*$/, ''), depth);
        return;
      default:
        throw new UnsupportedError(`member ${element.name} of type ${element.typeName} (${type})`);
    }
  }

  /** An object in its frame. */
  #object(className: string, depth: number, version?: number): void {
    if (className === 'TObject') {
      this.#w.raw(NEW_TOBJECT);
      return;
    }
    if (BARE_WALKERS.has(className) || FRAME_WALKERS.has(className)) throw new UnsupportedError(`a ${className} has a streamer of its own`);
    const info = (version === undefined ? undefined : this.#infos.find(className, version)) ?? this.#infos.all(className)[0];
    if (info === undefined) throw new UnsupportedError(`no streamer info for ${className}`);
    this.#frame(undefined, () => {
      this.#classVersion(info);
      this.#members(info, depth + 1);
    });
  }

  /** Sequences of objects with members are stored member by member: the version of their class stands before the count. */
  #collection(typeName: string): void {
    const { kind, inner } = valueTypeOf(typeName);
    const [value] = inner;
    const info = kind === 'sequence' && value?.kind === 'class' ? this.#infos.all(value.className)[0] : undefined;
    this.#frame(info === undefined ? STL_VERSION : STL_VERSION | MEMBER_WISE_BIT, () => {
      if (info !== undefined) this.#classVersion(info);
      this.#w.i32(0);
    });
  }

  /** Classes without ClassDef count as version 1 and are named by their checksum. */
  #classVersion(info: StreamerInfo): void {
    const isForeign = info.classVersion <= 1 && !this.#infos.isCore(info.className);
    this.#w.u16(isForeign ? 0 : info.classVersion);
    if (isForeign) this.#w.u32(info.checksum);
  }

  #string(): void {
    this.#frame(STL_VERSION, () => this.#w.u8(0));
  }

  #frame(version: number | undefined, write: () => void): void {
    const at = this.#w.pos;
    this.#w.u32(0);
    if (version !== undefined) this.#w.u16(version);
    write();
    this.#w.view.setUint32(at, byteCountWord(this.#w.pos - at - 4));
  }
}
