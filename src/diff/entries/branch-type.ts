/** What a branch must have in common with another one before their entries are compared: equal bytes of another type are other values. */
import { decodeText } from '../../io/bytes/big-endian.ts';
import { textAt } from '../../io/root/tree/basket-table.ts';
import { entryForm } from '../../io/root/tree/branch-form.ts';
import type { ItemForm } from '../../io/root/tree/item-form.ts';
import { ABSENT, type MemberTable } from '../../io/root/tree/member-table.ts';
import { BRANCH, LEAF } from '../../io/root/tree/scan-layout.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';

/** Type of a branch. */
export interface BranchType {
  /** Classes of branch and leaves, class of its objects; of plain leaves signs, dimensions and ranges, names where there are several. */
  text: string;
  /** Of a member of an object how its values are stored; undefined where that is not understood. */
  form: string | undefined;
}

/** The type of branch `row`. */
export function branchType(tree: TreeReader, row: number): BranchType {
  const { scan } = tree;
  const branchClass = scan.branchClass[row];
  const first = scan.leafStart[row] as number;
  const leaves = scan.leafList.slice(first, first + (scan.leafCount[row] as number));
  const className = storedAs(textIn(scan, scan.branches, row, BRANCH.fClassName));
  const isPlain = branchClass === 'TBranch';
  const ofLeaves = leaves.map((leaf) => (isPlain ? plainLeaf(scan, leaf, leaves.length > 1) : scan.leafClass[leaf]));
  const form = isPlain ? undefined : entryForm(scan, tree.infos, row)?.form;
  return { text: `${branchClass}${className === '' ? '' : ` of ${className}`}: ${ofLeaves.join(', ')}`, form: form && formText(form) };
}

/** A class by how it is stored: RDataFrame writes vectors as RVec, in the same bytes. */
function storedAs(className: string): string {
  return className.replaceAll('ROOT::VecOps::RVec<', 'vector<');
}

/** True when entries of both types can be held against each other. */
export function isSameType(a: BranchType, b: BranchType): boolean {
  return a.text === b.text && (a.form === undefined || b.form === undefined || a.form === b.form);
}

/** A type for messages; the form is told where only it differs. */
export function typeText({ text, form }: BranchType, other: BranchType): string {
  return text === other.text ? `${text} (${form})` : text;
}

function textIn(scan: TreeScan, table: MemberTable, row: number, column: number): string {
  const at = table.offset(row, column);
  return at === ABSENT ? '' : decodeText(textAt(scan, at));
}

/** Class, sign, and what stands in brackets: dimensions, range, what counts the values. Texts are of any length. */
function plainLeaf(scan: TreeScan, leaf: number, hasName: boolean): string {
  const leafClass = scan.leafClass[leaf] ?? '';
  if (leafClass === 'TLeafC') return leafClass;
  const isUnsigned = scan.leaves.number(scan.view, leaf, LEAF.fIsUnsigned) !== 0;
  const brackets =
    textIn(scan, scan.leaves, leaf, LEAF.fTitle)
      .replaceAll(' ', '')
      .match(/\[[^\]]*\]/g) ?? [];
  return [
    leafClass,
    ...(isUnsigned ? ['unsigned'] : []),
    ...(hasName ? [textIn(scan, scan.leaves, leaf, LEAF.fName)] : []),
    ...(brackets.length > 0 ? [brackets.join('')] : []),
  ].join(' ');
}

function formText(form: ItemForm): string {
  switch (form.kind) {
    case 'basic':
    case 'bits':
      return form.type;
    case 'packed':
      return `${form.type} of ${form.packing.bits} bits, low ${form.packing.low}, factor ${form.packing.factor}`;
    case 'text':
      return form.kind;
    case 'fixed':
      return `${formText(form.item)}[${form.count}]`;
    default:
      return `${form.kind} of ${formText(form.item)}`;
  }
}
