/**
 * Compares two objects member by member, by their span graphs. Members are matched by name, so that two
 * versions of a class can be compared; differences carry the path of the member.
 */
import { tstringText } from '../../io/bytes/big-endian.ts';
import type { ObjectNode, PointerNode, RawNode, SpanGraph, SpanNode, TargetNode } from '../../io/root/streamer/span-graph.ts';
import { TypeCode, basicSize, isReal } from '../../io/root/streamer/type-codes.ts';
import type { DifferenceList } from './difference.ts';
import type { ProcessIds } from './process-ids.ts';
import { areOrderedOtherwise, axisSizes, coordinatesText, sparseValues } from './sparse-bins.ts';
import { isClose, type Tolerance } from './tolerance.ts';
import { isFirstValue, isUnset } from './unset-member.ts';
import { valueAt, type ValuePlace } from './value-place.ts';

/**
 * Bits of TObject::fBits that say something of the object in memory only: kCanDelete … kMustCleanup, kIsReferenced,
 * kIsOnHeap, kNotDeleted (TObject.h).
 */
const MEMORY_BITS = 0x0300_0000 | 0x19;
/** The same of collections: kUseRWLock (TCollection.h). */
const LOCK_BIT = 1 << 16;
/** Number of a process id in a TRef or TRefArray: its place in the table of the file. */
const PROCESS_ID_NUMBER = 'pidf';
const COLLECTION = /^T(Hash)?List$|^T(Obj|Clones|Ref)Array$|^T(HashTable|Map|SortedList|OrdCollection|Collection|SeqCollection)$/;
/** Bytes of the version in front of a TObject's members without a byte count. */
const UNIQUE_ID_AT = 2;

/** Names under which `GraphOptions.skip` leaves out what an object has of TObject. */
export const TOBJECT_PARTS: readonly string[] = ['TObject', '(fUniqueID)', 'fBits'];

/** How graphs are compared. */
export interface GraphOptions {
  tolerance: Tolerance;
  /** Members of the object itself that are not compared. */
  skip?: ReadonlySet<string>;
  /** What numbers of process ids stand for on both sides; without it they are not compared. */
  processIds?: readonly [left: ProcessIds, right: ProcessIds];
}

/** Adds all differences between two objects to a list. */
export function compareGraphs(a: SpanGraph, b: SpanGraph, options: GraphOptions, differences: DifferenceList): void {
  if (a.className !== b.className) differences.add('class', a.className, b.className);
  else compareNodes(a.root, b.root, '', options, differences);
}

/** The same for parts of objects, which stand at `path`. */
export function compareNodes(a: SpanNode, b: SpanNode, path: string, options: GraphOptions, differences: DifferenceList): void {
  new GraphComparer(options, differences).compare(a, b, path);
}

class GraphComparer {
  readonly #tolerance: Tolerance;
  readonly #skip: ReadonlySet<string>;
  readonly #processIds: GraphOptions['processIds'];
  readonly #differences: DifferenceList;
  /** What each object of the first graph was compared with: objects may refer to each other. */
  readonly #met = new Map<TargetNode, TargetNode>();

  constructor({ tolerance, skip, processIds }: GraphOptions, differences: DifferenceList) {
    this.#tolerance = tolerance;
    this.#skip = skip ?? new Set();
    this.#processIds = processIds;
    this.#differences = differences;
  }

  compare(a: SpanNode, b: SpanNode, path: string): void {
    if (a.kind === 'pointer' || b.kind === 'pointer') {
      if (a.kind === 'pointer' && b.kind === 'pointer') this.#comparePointers(a, b, path);
      else this.#differences.add(path, nodeText(a), nodeText(b));
      return;
    }
    if (this.#met.get(a) === b) return;
    this.#met.set(a, b);
    if (a.kind === 'object' && b.kind === 'object') this.#compareObjects(a, b, path);
    else if (a.kind !== 'object' && b.kind !== 'object') this.#compareRaw(a, b, path);
    else this.#differences.add(path, nodeText(a), nodeText(b));
  }

  #comparePointers(a: PointerNode, b: PointerNode, path: string): void {
    if (a.target === null || b.target === null) {
      if (a.target !== b.target || (a.form === 'unresolved') !== (b.form === 'unresolved')) {
        this.#differences.add(path, nodeText(a), nodeText(b));
      }
    } else if (a.className !== b.className) this.#differences.add(path, a.className, b.className);
    else this.compare(a.target, b.target, path);
  }

  #compareObjects(a: ObjectNode, b: ObjectNode, path: string): void {
    if (a.className !== b.className) return this.#differences.add(path, a.className, b.className);
    const [ofA, ofB] = [membersOf(a), membersOf(b)];
    for (const [name, node] of ofA) {
      if (name === PROCESS_ID_NUMBER) this.#compareProcesses(node, ofB.get(name), idOf(a), path);
      if (name === PROCESS_ID_NUMBER || (path === '' && this.#skip.has(name))) continue;
      const other = ofB.get(name);
      if (other === undefined) this.#addMissing(joined(path, name), node, [nodeText(node), 'absent']);
      else if (name === 'fBinContent' && areOrderedOtherwise(a, b)) this.#compareSparse(a, b, joined(path, name));
      else if (COLLECTION.test(a.className) && node.kind === 'raw' && other.kind === 'raw' && node.className === 'TObject') {
        this.#compareTObjects(node, other, joined(path, name), MEMORY_BITS | LOCK_BIT);
      } else this.compare(node, other, node.kind === 'object' && node.isBase ? path : joined(path, name));
    }
    for (const [name, node] of ofB) if (!ofA.has(name)) this.#addMissing(joined(path, name), node, ['absent', nodeText(node)]);
  }

  /** Process ids of TRefs; of one that refers to nothing they say nothing. */
  #compareProcesses(a: SpanNode, b: SpanNode | undefined, id: number, path: string): void {
    if (a.kind === 'raw' && b?.kind === 'raw' && id !== 0) {
      this.#compareNumbers(a.source.view.getUint16(a.start), b.source.view.getUint16(b.start), path);
    }
  }

  #compareNumbers(a: number, b: number, path: string): void {
    const [left, right] = this.#processIds ?? [];
    if (left === undefined || right === undefined || left.isSame(a, right, b)) return;
    this.#differences.add(joined(path, PROCESS_ID_NUMBER), left.titleOf(a) ?? `${a}, which is none`, right.titleOf(b));
  }

  /** Bins of a THnSparse by their coordinates. One with content 0 is as good as absent. */
  #compareSparse(a: ObjectNode, b: ObjectNode, path: string): void {
    const sizes = axisSizes(a);
    const [ofA, ofB] = [sparseValues(a), sparseValues(b)];
    for (const [coordinates, { content, square }] of ofA) {
      const at = path + coordinatesText(coordinates, sizes);
      const other = ofB.get(coordinates);
      if (other === undefined) {
        if (valueAt(content) !== 0) this.#differences.add(at, valueAt(content), 'absent');
        continue;
      }
      this.#compareValues(content, other.content, at);
      if (square !== undefined && other.square !== undefined) this.#compareValues(square, other.square, `${at}.fSumw2`);
      else if (square !== other.square) {
        this.#differences.add(`${at}.fSumw2`, square === undefined ? 'absent' : 'present', square === undefined ? 'present' : 'absent');
      }
    }
    for (const [coordinates, { content }] of ofB) {
      if (!ofA.has(coordinates) && valueAt(content) !== 0) {
        this.#differences.add(path + coordinatesText(coordinates, sizes), 'absent', valueAt(content));
      }
    }
  }

  /** A member that the class of the other side does not have; elements of a list are none. */
  #addMissing(path: string, node: SpanNode, [left, right]: readonly [string, string]): void {
    if (path.endsWith(']') || !isUnset(node)) this.#differences.add(path, left, right);
  }

  #compareRaw(a: RawNode, b: RawNode, path: string): void {
    const [x, y] = [bytesOf(a), bytesOf(b)];
    if (Buffer.compare(x, y) === 0 && this.#processIds === undefined) return;
    if (a.className === 'TObject') return this.#compareTObjects(a, b, path, MEMORY_BITS);
    if (a.fields !== null && b.fields !== null) return this.#compareRuns(a, b, path);
    if (Buffer.compare(x, y) === 0) return;
    if (isText(a) && isText(b)) return this.#differences.add(path, tstringText(x), tstringText(y));
    const width = a.width || basicSize(a.type);
    if (a.type === b.type && width > 0 && width === (b.width || basicSize(b.type))) return this.#compareArrays(a, b, path, width);
    this.#differences.add(path, x, y);
  }

  /** fUniqueID and fBits; behind them may stand the number of a process id, which is the file's own. */
  #compareTObjects(a: RawNode, b: RawNode, path: string, memoryBits: number): void {
    const [idA, idB] = [a, b].map((node) => node.start + (node.fields?.[0]?.offset ?? UNIQUE_ID_AT)) as [number, number];
    const bits = (node: RawNode, at: number): number => (node.source.view.getUint32(at + 4) & ~memoryBits) >>> 0;
    const [x, y] = [a.source.view.getUint32(idA), b.source.view.getUint32(idB)];
    const version = (node: RawNode, id: number): number =>
      id - node.start < UNIQUE_ID_AT ? 0 : node.source.view.getUint16(id - UNIQUE_ID_AT);
    const [versionA, versionB] = [version(a, idA), version(b, idB)];
    if (versionA !== versionB) this.#differences.add(joined(parentOf(path), 'version of TObject'), versionA, versionB);
    if (x !== y) this.#differences.add(joined(parentOf(path), 'fUniqueID'), x, y);
    if (bits(a, idA) !== bits(b, idB)) this.#differences.add(joined(parentOf(path), 'fBits'), bits(a, idA), bits(b, idB));
    const [endA, endB] = [idA + 8, idB + 8];
    if (x !== 0 && a.end === endA + 2 && b.end === endB + 2) {
      this.#compareNumbers(a.source.view.getUint16(endA), b.source.view.getUint16(endB), parentOf(path));
    }
  }

  #compareRuns(a: RawNode, b: RawNode, path: string): void {
    const ofB = new Map((b.fields ?? []).map((field) => [field.name, field]));
    for (const field of a.fields ?? []) {
      const { name, type, width, count } = field;
      const other = ofB.get(name);
      if (name === PROCESS_ID_NUMBER && other !== undefined && hasElements(a)) {
        this.#compareNumbers(
          a.source.view.getUint16(a.start + field.offset),
          b.source.view.getUint16(b.start + other.offset),
          parentOf(path),
        );
      }
      if (name === PROCESS_ID_NUMBER || (parentOf(path) === '' && this.#skip.has(name))) continue;
      const at = joined(parentOf(path), name);
      ofB.delete(name);
      if (other === undefined) {
        if (!isFirstValue(a, name, field)) this.#differences.add(at, 'present', 'absent');
      } else if (other.count !== count) this.#differences.add(at, `${count} values`, `${other.count} values`);
      else {
        for (let i = 0; i < count; i++) {
          const [left, right]: [ValuePlace, ValuePlace] = [
            [a, a.start + field.offset + i * width, type, width],
            [b, b.start + other.offset + i * other.width, other.type, other.width],
          ];
          this.#compareValues(left, right, count === 1 ? at : `${at}[${i}]`);
        }
      }
    }
    for (const [name, field] of ofB) {
      if (!(parentOf(path) === '' && this.#skip.has(name)) && !isFirstValue(b, name, field)) {
        this.#differences.add(joined(parentOf(path), name), 'absent', 'present');
      }
    }
  }

  #compareArrays(a: RawNode, b: RawNode, path: string, width: number): void {
    if (a.count !== b.count) this.#differences.add(`${path}.length`, a.count, b.count);
    const count = Math.min(a.count, b.count);
    const [fromA, fromB] = [a.end - a.count * width, b.end - b.count * width];
    for (let i = 0; i < count; i++) {
      this.#compareValues(
        [a, fromA + i * width, a.type, width],
        [b, fromB + i * width, b.type, width],
        a.count === 1 && b.count === 1 ? path : `${path}[${i}]`,
      );
    }
  }

  #compareValues(placeA: ValuePlace, placeB: ValuePlace, path: string): void {
    const [[a, atA, typeA, widthA], [b, atB, typeB, widthB]] = [placeA, placeB];
    const [x, y] = [a.source.bytes.subarray(atA, atA + widthA), b.source.bytes.subarray(atB, atB + widthB)];
    if (typeA === typeB && Buffer.compare(x, y) === 0) return;
    const [left, right] = [valueAt(placeA), valueAt(placeB)];
    if (typeof left !== 'number' || typeof right !== 'number') return this.#differences.add(path, left, right);
    if (typeA === TypeCode.bool && typeB === TypeCode.bool && left !== 0 && right !== 0) return; // ROOT writes bytes of members that were never set, 153 say
    const realWidth = isReal(typeA) ? widthA : 0;
    const isExact = realWidth === 0 && typeA === typeB && left === right; // 64-bit integers beyond 2^53 read as equal numbers
    if (isExact || !isClose(left, right, realWidth, this.#tolerance)) this.#differences.add(path, isExact ? x : left, isExact ? y : right);
  }
}

/** fUniqueID of an object that has a TObject; 0 where there is none. */
function idOf({ children }: ObjectNode): number {
  const object = children.find((child) => child.kind === 'raw' && child.className === 'TObject');
  return object?.kind !== 'raw' ? 0 : object.source.view.getUint32(object.start + (object.fields?.[0]?.offset ?? UNIQUE_ID_AT));
}

/** True for the head of an array that is not empty. */
function hasElements({ source, start, fields }: RawNode): boolean {
  const size = fields?.find(({ name }) => name === 'size');
  return size !== undefined && source.view.getInt32(start + size.offset) > 0;
}

/** Children by name; several without name, or of one name, are numbered. */
function membersOf(node: ObjectNode): Map<string, SpanNode> {
  const members = new Map<string, SpanNode>();
  let unnamed = 0;
  for (const child of node.children) {
    const isRun = child.kind !== 'object' && child.kind !== 'pointer' && child.fields !== null;
    const plain = isRun ? `(${child.fields?.[0]?.name})` : child.name;
    let name = plain === '' ? `[${unnamed++}]` : plain;
    if (members.has(name)) name = `${name}[${members.size}]`;
    members.set(name, child);
  }
  return members;
}

function joined(path: string, name: string): string {
  return path === '' || name.startsWith('[') ? path + name : `${path}.${name}`;
}

/** A run is called `(first member)`: its members stand beside it. */
function parentOf(path: string): string {
  return path.replace(/\.?(\([^()]*\)|TObject)(\[\d+\])?$/, '');
}

function bytesOf(node: RawNode): Uint8Array {
  return node.source.bytes.subarray(node.start, node.end);
}

function isText(node: RawNode): boolean {
  return node.className === 'TString' || node.className === 'string' || node.type === TypeCode.tstring || node.type === TypeCode.stlString;
}

function nodeText(node: SpanNode): string {
  if (node.kind !== 'pointer') return node.className || node.name || 'value';
  if (node.target !== null) return node.className;
  return node.form === 'unresolved' ? 'unresolved pointer' : 'null';
}
