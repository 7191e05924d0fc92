/**
 * fBranchRef and its TRefTable: where the objects that TRefs point to are found. Its baskets hold
 * indices into the table's list of parents, so all inputs must have the same list; the list of
 * process GUIDs is united.
 */
import { BigEndianReader, BigEndianWriter } from '../../io/bytes/big-endian.ts';
import { listItems } from '../../io/root/streamer/member-list.ts';
import { member, textOf } from '../../io/root/streamer/member.ts';
import { rawNode, type ObjectNode, type SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import type { TreePart, TreeTarget } from './tree-target.ts';

/** What a reference table says. */
interface ReferenceTable {
  /** Names of the branches that hold referenced objects, in order. */
  parents: string[];
  guids: string[];
}

/** The table of a tree's graph; undefined for a tree without fBranchRef. */
export function referenceTableNode(graph: SpanGraph): ObjectNode | undefined {
  const pointer = member(graph.root, 'fBranchRef.fRefTable');
  const target = pointer?.kind === 'pointer' ? pointer.target : null;
  return target?.kind === 'object' ? target : undefined;
}

/** Unites the process GUIDs of all parts; returns the parts whose list of parents differs from the first. */
export function joinReferenceTables(tree: TreeTarget): { part: TreePart; reason: string }[] {
  if (tree.scan.refBranch < 0 || tree.parts.length < 2) return [];
  const tables = tree.parts.map((part) => readTable(tree, part));
  const guids = new Set<string>();
  for (const table of tables) for (const guid of table.guids) guids.add(guid);
  tree.processGuids = [...guids];
  const first = (tables[0] as ReferenceTable).parents.join(', ');
  return tree.parts.flatMap((part, i) => {
    const parents = (tables[i] as ReferenceTable).parents.join(', ');
    return parents === first ? [] : [{ part, reason: `reference table names the branches ${parents} instead of ${first}` }];
  });
}

function readTable(tree: TreeTarget, part: TreePart): ReferenceTable {
  const table = referenceTableNode(graphOfKey(part.from));
  if (table === undefined) return { parents: [], guids: [] };
  const parents = member(table, 'fParents');
  const slots = parents === null ? [] : listItems(parents);
  return { parents: slots.map((slot) => (slot.target === null ? '' : textOf(slot.target, 'fName'))), guids: guidsOf(table) };
}

/** The vector<string> holds a size and the strings, each as a TString. */
function guidsOf(table: ObjectNode): string[] {
  const guids = member(table, 'fProcessGUIDs');
  if (guids?.kind !== 'object') return [];
  const texts = guids.children.slice(1).filter((child) => child.kind === 'raw');
  return texts.map((text) => new BigEndianReader(text.source.bytes, text.start, text.end).tstring());
}

/** Puts the united process GUIDs into the table of the output's graph. */
export function setProcessGuids(table: ObjectNode, guids: readonly string[]): void {
  const holder = member(table, 'fProcessGUIDs');
  if (holder?.kind !== 'object') return;
  const size = new Uint8Array(4);
  new DataView(size.buffer).setInt32(0, guids.length);
  const texts = guids.map((guid) => {
    const writer = new BigEndianWriter(64);
    writer.tstring(guid);
    return rawNode('', writer.done(), 'TString');
  });
  holder.children = [rawNode('size', size), ...texts];
}
