/**
 * fBranchRef and its TRefTable: where the objects that TRefs point to are found. Its baskets hold
 * indices into the table's list of parents, which grows as branches are filled for the first time: it is empty where no entry
 * was. So all inputs must have the same list as far as they have one; the list of process GUIDs is united.
 */
import { UnsupportedError } from '../../errors.ts';
import { BigEndianReader, BigEndianWriter } from '../../io/bytes/big-endian.ts';
import { listItems, setListItems } from '../../io/root/streamer/member-list.ts';
import { member, targetOf, textOf } from '../../io/root/streamer/member.ts';
import {
  pointerNode,
  rawNode,
  type ObjectNode,
  type SpanGraph,
  type SpanNode,
  type TargetNode,
} from '../../io/root/streamer/span-graph.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import type { Contribution } from '../plan/plan.ts';

/** What a reference table says. */
export interface ReferenceTable {
  /** Paths of the branches that hold referenced objects, in order. */
  parents: string[];
  guids: string[];
}

/** The table of a tree's graph; undefined for a tree without fBranchRef. */
function referenceTableNode(graph: SpanGraph): ObjectNode | undefined {
  const pointer = member(graph.root, 'fBranchRef.fRefTable');
  const target = pointer?.kind === 'pointer' ? pointer.target : null;
  return target?.kind === 'object' ? target : undefined;
}

/** The tables of several trees in one, and the trees that do not fit it. */
export interface JoinedReferences {
  table: ReferenceTable;
  differing: { from: Contribution; reason: string }[];
}

/** Unites the tables of trees; those differ whose list of parents is not the begin of the longest one. */
export function joinReferenceTables(trees: readonly Contribution[]): JoinedReferences {
  const tables = trees.map((from) => readTable(from));
  const guids = new Set(tables.flatMap((table) => table.guids));
  const longest = tables.reduce((most, { parents }) => (parents.length > most.length ? parents : most), [] as string[]);
  const differing = trees.flatMap((from, i) => {
    const { parents } = tables[i] as ReferenceTable;
    if (parents.every((path, k) => path === longest[k])) return [];
    return [{ from, reason: `reference table names the branches ${parents.join(', ')} instead of ${longest.join(', ')}` }];
  });
  return { table: { parents: longest, guids: [...guids] }, differing };
}

function readTable(from: Contribution): ReferenceTable {
  const graph = graphOfKey(from);
  const table = referenceTableNode(graph);
  if (table === undefined) return { parents: [], guids: [] };
  const parents = member(table, 'fParents');
  const slots = parents === null ? [] : listItems(parents);
  const paths = new Map([...branchesByPath(graph)].map(([path, branch]) => [branch, path]));
  return {
    parents: slots.map(({ target }) => (target === null ? '' : (paths.get(target) ?? textOf(target, 'fName')))),
    guids: guidsOf(table),
  };
}

/** Branches by their names from the top down; a path that occurs twice gets a number. */
function branchesByPath(graph: SpanGraph): Map<string, TargetNode> {
  const found = new Map<string, TargetNode>();
  const visit = (parent: SpanNode, prefix: string): void => {
    const list = member(parent, 'fBranches');
    for (const { target } of list === null ? [] : listItems(list)) {
      if (target === null) continue;
      const path = `${prefix}${textOf(target, 'fName')}`;
      let unique = path;
      for (let n = 2; found.has(unique); n++) unique = `${path} (${n})`;
      found.set(unique, target);
      visit(target, `${path}/`);
    }
  };
  visit(graph.root, '');
  return found;
}

/** The vector<string> holds a size and the strings, each as a TString. */
function guidsOf(table: ObjectNode): string[] {
  const guids = member(table, 'fProcessGUIDs');
  if (guids?.kind !== 'object') return [];
  const texts = guids.children.slice(1).filter((child) => child.kind === 'raw');
  return texts.map((text) => new BigEndianReader(text.source.bytes, text.start, text.end).tstring());
}

/** Puts a united table into the graph of the output. UnsupportedError when it names a branch that the graph lacks. */
export function setReferenceTable(graph: SpanGraph, { parents, guids }: ReferenceTable): void {
  const table = referenceTableNode(graph);
  if (table === undefined) return;
  setParents(graph, table, parents);
  setProcessGuids(table, guids);
}

function setParents(graph: SpanGraph, table: ObjectNode, paths: readonly string[]): void {
  const parents = targetOf(member(table, 'fParents'));
  if (parents === null || listItems(parents).length === paths.length) return;
  const branches = branchesByPath(graph);
  setListItems(
    parents,
    paths.map((path) => {
      const branch = branches.get(path);
      if (branch === undefined) throw new UnsupportedError(`reference table names the branch ${path}, which the first input's tree lacks`);
      return pointerNode('', branch);
    }),
  );
}

function setProcessGuids(table: ObjectNode, guids: readonly string[]): void {
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
