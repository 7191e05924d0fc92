/**
 * How the entries of a branch are stored, from the classes of its leaves, the type of the member and the streamer infos:
 *
 *   TLeaf?                         values of one leaf after those of another; a counted leaf fills its entry
 *   TLeafC, std::string            one text; an entry without bytes is the empty one
 *   member, basic type             values; OFFSET_P + type: a flag byte in front
 *   member, collection             frame (byte count and version, 6 bytes), then the collection
 *   collection split into members  i32 number of elements
 *   member of its elements         the values of all elements; those of collections and std::string behind one frame
 *
 * Source: ROOT tree/tree/src/TLeaf?.cxx, TBranchElement.cxx, io/io/src/TStreamerInfoReadBuffer.cxx; measured on real files.
 */
import { decodeText } from '../../bytes/big-endian.ts';
import type { InfoSet } from '../streamer/info-set.ts';
import type { StreamerElement } from '../streamer/streamer-info.ts';
import { OFFSET_L, OFFSET_P, TypeCode } from '../streamer/type-codes.ts';
import { textAt } from './basket-table.ts';
import { basicForm, fixedForm, formBytes, nestedForm, type ItemForm } from './item-form.ts';
import { ABSENT } from './member-table.ts';
import { BRANCH, LEAF } from './scan-layout.ts';
import type { TreeScan } from './tree-scan.ts';

/** How the entries of a branch are stored. */
export interface EntryForm {
  /** Bytes in front of the values. */
  skip: number;
  form: ItemForm;
  /** Bytes behind the values belong to other leaves of the branch. */
  hasTail: boolean;
}

/** fType of TBranchElement: a plain member or object; the number of elements of a collection; a member of its elements. */
const PLAIN = 0;
const COUNTS: ReadonlySet<number> = new Set([3, 4]);
const OF_ELEMENTS: ReadonlySet<number> = new Set([31, 41]);
/** Bytes of byte count and version in front of a collection. */
const FRAME_BYTES = 6;
const LEAF_TYPES: Readonly<Record<string, readonly [signed: number, unsigned: number]>> = {
  TLeafB: [TypeCode.char, TypeCode.uchar],
  TLeafS: [TypeCode.short, TypeCode.ushort],
  TLeafI: [TypeCode.int, TypeCode.uint],
  TLeafL: [TypeCode.long64, TypeCode.ulong64],
  TLeafG: [TypeCode.long, TypeCode.ulong],
  TLeafF: [TypeCode.float, TypeCode.float],
  TLeafD: [TypeCode.double, TypeCode.double],
  TLeafO: [TypeCode.bool, TypeCode.bool],
  TLeafF16: [TypeCode.float16, TypeCode.float16],
  TLeafD32: [TypeCode.double32, TypeCode.double32],
};

/** One leaf of a branch. */
export interface LeafForm extends EntryForm {
  name: string;
}

/** The leaves of a plain branch; undefined where one is not understood, or what stands behind a counted leaf. */
export function leafForms(scan: TreeScan, row: number): LeafForm[] | undefined {
  if (scan.branchClass[row] !== 'TBranch') return undefined;
  const first = scan.leafStart[row] as number;
  const leaves = scan.leafList.slice(first, first + (scan.leafCount[row] as number));
  const forms: LeafForm[] = [];
  let skip = 0;
  for (const leaf of leaves) {
    const form = leafForm(scan, leaf);
    if (form === undefined || (leaves.length > 1 && formBytes(form) === 0)) return undefined;
    forms.push({ name: leafText(scan, leaf, LEAF.fName), skip, form, hasTail: leaves.length > 1 });
    skip += formBytes(form);
  }
  return forms;
}

function leafText(scan: TreeScan, leaf: number, column: number): string {
  const at = scan.leaves.offset(leaf, column);
  return at === ABSENT ? '' : decodeText(textAt(scan, at));
}

function leafForm(scan: TreeScan, leaf: number): ItemForm | undefined {
  if (scan.leafClass[leaf] === 'TLeafC') return { kind: 'text' };
  const isUnsigned = scan.leaves.number(scan.view, leaf, LEAF.fIsUnsigned) !== 0;
  const type = LEAF_TYPES[scan.leafClass[leaf] ?? '']?.[isUnsigned ? 1 : 0];
  const title = leafText(scan, leaf, LEAF.fTitle);
  const item = type === undefined ? undefined : basicForm(type, title);
  if (item === undefined) return undefined;
  const inner = fixedForm(dimensionsOf(title, scan.leaves.number(scan.view, leaf, LEAF.fLen, 1)), item);
  return (scan.leafCounter[leaf] as number) < 0 ? inner : { kind: 'rest', item: inner };
}

/** Fixed dimensions in a title such as `x[n][2][3]` if they make `count` values; else one of `count`, none of 1. */
function dimensionsOf(title: string, count: number): number[] {
  const dimensions = [...title.matchAll(/\[(\d+)\]/g)].map(([, text]) => Number(text));
  if (dimensions.length > 0 && dimensions.reduce((product, n) => product * n, 1) === count) return dimensions;
  return count === 1 ? [] : [count];
}

/** How the entries of branch `row` are stored: of a leaf list its only leaf. undefined where that is not understood. */
export function entryForm(scan: TreeScan, infos: InfoSet, row: number): EntryForm | undefined {
  const leaves = leafForms(scan, row);
  if (leaves !== undefined) return leaves.length === 1 ? leaves[0] : undefined;
  return scan.branchClass[row] === 'TBranchElement' ? elementForm(scan, infos, row) : undefined;
}

function elementForm(scan: TreeScan, infos: InfoSet, row: number): EntryForm | undefined {
  const [streamerType, type, id] = [BRANCH.fStreamerType, BRANCH.fType, BRANCH.fID].map((column) =>
    scan.branches.number(scan.view, row, column),
  ) as [number, number, number];
  if (COUNTS.has(type)) return whole({ kind: 'basic', type: 'int32', width: 4 });
  const className = textOfBranch(scan, row, BRANCH.fClassName);
  if (id < 0) return type <= PLAIN ? topForm(className) : undefined;
  const element = memberElement(scan, infos, row, className, id);
  if (OF_ELEMENTS.has(type)) return elementsForm(streamerType, element);
  return type === PLAIN ? memberForm(streamerType, element) : undefined;
}

/** True for a branch of numbers of elements, whose members have branches of their own. */
export function holdsCounts(scan: TreeScan, row: number): boolean {
  return scan.branchClass[row] === 'TBranchElement' && COUNTS.has(scan.branches.number(scan.view, row, BRANCH.fType));
}

function whole(form: ItemForm, skip = 0): EntryForm {
  return { skip, form, hasTail: false };
}

function textOfBranch(scan: TreeScan, row: number, column: number): string {
  const at = scan.branches.offset(row, column);
  return at === ABSENT ? '' : decodeText(textAt(scan, at));
}

/** The member a branch holds, if the infos of its class are known. */
export function memberElement(scan: TreeScan, infos: InfoSet, row: number, className: string, id: number): StreamerElement | undefined {
  const checksum = scan.branches.number(scan.view, row, BRANCH.fCheckSum) >>> 0;
  const info =
    infos.findByChecksum(className, checksum) ?? infos.find(className, scan.branches.number(scan.view, row, BRANCH.fClassVersion));
  return info?.elements[id];
}

/** An object that is no member: a string or a collection. */
function topForm(className: string): EntryForm | undefined {
  const form = nestedForm(className);
  if (form?.kind === 'text') return whole(form);
  return form?.kind === 'list' ? whole(form, FRAME_BYTES) : undefined;
}

/** A member of one object. */
function memberForm(streamerType: number, element: StreamerElement | undefined): EntryForm | undefined {
  if (streamerType === TypeCode.tstring) return whole({ kind: 'text' });
  const basic = memberBasic(streamerType, element);
  if (basic !== undefined) return streamerType > OFFSET_P ? whole({ kind: 'rest', item: basic }, 1) : whole(basic);
  const form = collectionForm(element);
  return form === undefined ? undefined : whole(form, FRAME_BYTES);
}

/** A member of all elements of a collection. */
function elementsForm(streamerType: number, element: StreamerElement | undefined): EntryForm | undefined {
  if (streamerType === TypeCode.tstring) return whole({ kind: 'rest', item: fixedForm(arrayOf(element), { kind: 'text' }) });
  const basic = streamerType < OFFSET_P ? memberBasic(streamerType, element) : undefined;
  if (basic !== undefined) return whole({ kind: 'rest', item: basic });
  const form = collectionForm(element);
  return form === undefined ? undefined : whole({ kind: 'rest', item: form }, FRAME_BYTES);
}

/** A basic type, or a fixed array of it. Packed reals need the member's title. */
function memberBasic(streamerType: number, element: StreamerElement | undefined): ItemForm | undefined {
  if (streamerType <= 0 || streamerType >= OFFSET_P + OFFSET_L) return undefined;
  const type = streamerType % OFFSET_L;
  const isPacked = type === TypeCode.double32 || type === TypeCode.float16;
  const item = isPacked && element === undefined ? undefined : basicForm(type, element?.title);
  if (item === undefined || streamerType < OFFSET_L || streamerType > OFFSET_P) return item;
  return element === undefined ? undefined : fixedForm(arrayOf(element), item);
}

/** Fixed dimensions of a member; none of a single value. */
function arrayOf(element: StreamerElement | undefined): number[] {
  if (element === undefined || element.arrayLength === 0) return [];
  const dimensions = element.maxIndex.slice(0, element.arrayDim);
  const count = dimensions.reduce((product, n) => product * n, 1);
  return count === element.arrayLength ? dimensions : [element.arrayLength];
}

/** A collection or std::string that is a member. */
function collectionForm(element: StreamerElement | undefined): ItemForm | undefined {
  if (element === undefined || element.type > TypeCode.streamer || element.type < TypeCode.stl || element.typeName.endsWith('*')) {
    return undefined;
  }
  const form = nestedForm(element.typeName);
  return form && fixedForm(arrayOf(element), form);
}
