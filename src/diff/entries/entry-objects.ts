/**
 * Objects inside of entries, which `tree-entries.ts` walks as wholes only: members of a class, objects without a frame,
 * and the identity of objects in split collections. What TRefs lead by is the file's own: numbers of process ids, and
 * in memory the process id in the upper byte of fUniqueID. Source: ROOT core/base/src/TObject.cxx,
 * core/meta/src/TRef.cxx, io/io/src/TStreamerInfoReadBuffer.cxx (kBits).
 */
import { UnsupportedError } from '../../errors.ts';
import { ObjectNode, type SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { TypeCode } from '../../io/root/streamer/type-codes.ts';
import { walkObject, walkUnframed } from '../../io/root/streamer/walk.ts';
import { branchClassName } from '../../io/root/tree/basket-table.ts';
import { memberElement } from '../../io/root/tree/branch-form.ts';
import { BRANCH } from '../../io/root/tree/scan-layout.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';

/** Walks the object in [start, end) of a basket's data; `keylen`: bytes of its key. Throws CorruptFileError, UnsupportedError. */
export type ObjectWalker = (data: Uint8Array, keylen: number, start: number, end: number) => SpanGraph;

/** fType of a branch with one member, and of one with a member of all elements of a TClonesArray or collection. */
const [ONE_MEMBER, OF_ELEMENTS] = [0, new Set([31, 41])];
const OBJECTS = new Set<number>([TypeCode.object, TypeCode.any]);
/** TObject::kIsReferenced; the number of a process id follows fBits then. */
const IS_REFERENCED = 0x10;
/** Bytes of a TRef without a text. */
const TREF_BYTES = 12;
/** Bits of fUniqueID that number a referenced object; the others number its process id in memory. */
const OBJECT_NUMBER = 0x00ff_ffff;

/** How objects are walked that are members, or stand in their branch without a frame; undefined where entries are something else. */
export function memberWalker(tree: TreeReader, row: number): ObjectWalker | undefined {
  const { scan, infos } = tree;
  const className = branchClassName(scan, row);
  if (className === '') return undefined;
  const [id, type, streamerType] = [BRANCH.fID, BRANCH.fType, BRANCH.fStreamerType].map((column) =>
    scan.branches.number(scan.view, row, column),
  ) as [number, number, number];
  if (id < 0) {
    const plan = type > ONE_MEMBER ? null : infos.plan(className, scan.branches.number(scan.view, row, BRANCH.fClassVersion));
    return plan === null ? undefined : (data, _keylen, start, end) => walkUnframed(data.slice(start, end), className, plan, infos);
  }
  const member = OBJECTS.has(streamerType) ? memberElement(scan, infos, row, className, id)?.typeName : undefined;
  if (member === undefined) return undefined;
  if (type === ONE_MEMBER) return (data, keylen, start, end) => walkObject(data.slice(start, end), keylen + start, member, infos);
  return OF_ELEMENTS.has(type) && member === 'TRef'
    ? (data, keylen, start, end) => walkRefs(data.slice(start, end), keylen + start, tree)
    : undefined;
}

/** TRefs one after the other. */
function walkRefs(data: Uint8Array, keylen: number, { infos }: TreeReader): SpanGraph {
  if (data.length % TREF_BYTES !== 0) throw new UnsupportedError('TRefs with texts');
  const refs = Array.from({ length: data.length / TREF_BYTES }, (_, i) =>
    walkObject(data.subarray(i * TREF_BYTES, (i + 1) * TREF_BYTES), keylen, 'TRef', infos),
  );
  const [source = walkObject(new Uint8Array(TREF_BYTES), 0, 'TRef', infos).source] = refs.map((ref) => ref.source);
  const root = new ObjectNode('', 'TRef[]', source, 0);
  root.children = refs.map((ref) => ref.root);
  return { className: root.className, root, source, opaque: refs.flatMap(({ opaque }) => opaque) };
}

/** Column of fBits or fUniqueID of objects, by the branch's streamer type; undefined for any other. */
export function identityColumn({ scan }: TreeReader, row: number, name: string): 'fBits' | 'fUniqueID' | undefined {
  if (scan.branchClass[row] !== 'TBranchElement') return undefined;
  if (scan.branches.number(scan.view, row, BRANCH.fStreamerType) === TypeCode.bits) return 'fBits';
  return /(^|[./])fUniqueID$/.test(name) ? 'fUniqueID' : undefined;
}

/** fBits of each object in an entry, and the number of its process id where that is stored. */
export function bitsIn(data: Uint8Array, start: number, end: number): { bits: number; pid: number | undefined }[] {
  const view = new DataView(data.buffer, data.byteOffset, end);
  const objects: { bits: number; pid: number | undefined }[] = [];
  for (let at = start; at + 4 <= end;) {
    const bits = view.getUint32(at);
    const hasPid = (bits & IS_REFERENCED) !== 0 && at + 6 <= end;
    objects.push({ bits, pid: hasPid ? view.getUint16(at + 4) : undefined });
    at += hasPid ? 6 : 4;
  }
  return objects;
}

/** fUniqueID of each object in an entry; of those that are referenced without the process id of the writer's memory. */
export function idsIn(data: Uint8Array, start: number, end: number, bits: readonly { bits: number }[]): number[] {
  const view = new DataView(data.buffer, data.byteOffset, end);
  return Array.from({ length: Math.floor((end - start) / 4) }, (_, i) => {
    const id = view.getUint32(start + 4 * i);
    return ((bits[i]?.bits ?? 0) & IS_REFERENCED) === 0 ? id : id & OBJECT_NUMBER;
  });
}
