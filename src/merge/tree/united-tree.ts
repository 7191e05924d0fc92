/** Branches that only some inputs have: the tree object that has those of all inputs. */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { builtinInfos } from '../../io/root/streamer/builtin-infos.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import { InfoSet } from '../../io/root/streamer/info-set.ts';
import { listItems, setListItems } from '../../io/root/streamer/member-list.ts';
import { member, textOf } from '../../io/root/streamer/member.ts';
import { pointerNode, type PointerNode, type SpanGraph, type SpanNode } from '../../io/root/streamer/span-graph.ts';
import { branchName } from '../../io/root/tree/basket-table.ts';
import { scanTree, type TreeScan } from '../../io/root/tree/tree-scan.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import type { Contribution } from '../plan/plan.ts';
import { readTree } from './scan-facts.ts';
import type { SchemaSide } from './compare-branches.ts';

/** Names of the branches listed in the tree itself. */
function topNames(scan: TreeScan): string[] {
  const names: string[] = [];
  for (let row = 0; row < scan.branches.count; row++) {
    if (scan.branchParent[row] === -1 && row !== scan.refBranch) names.push(branchName(scan, row));
  }
  return names;
}

/** A tree with the branches of all inputs. */
export interface UnitedTree extends SchemaSide {
  /** The first input with branches. */
  from: Contribution;
}

/**
 * The tree of the first contribution with the branches (and their leaves) that only later ones have behind its own;
 * undefined when it has them all. Where two have a branch of the same name, the first one counts.
 */
export function uniteBranches(contributions: readonly Contribution[], className: string): UnitedTree | undefined {
  const known = new Set<string>();
  const added: PointerNode[] = [];
  let first: Contribution | undefined;
  for (const from of contributions) {
    const missing = new Set(topNames(readTree(from, className)).filter((name) => !known.has(name)));
    if (missing.size === 0) continue;
    for (const name of missing) known.add(name);
    if (first === undefined) first = from;
    else added.push(...branchSlots(graphOf(from).root).filter(({ target }) => target !== null && missing.has(textOf(target, 'fName'))));
  }
  if (first === undefined || added.length === 0) return undefined;
  const graph = graphOf(first);
  append(graph.root, 'fBranches', added);
  append(graph.root, 'fLeaves', added.flatMap(leavesBelow));
  const { keylen } = graph.source;
  const scan = scanTree(encodeGraph(graph, { keylen }), keylen, className, first.input.infos, { relocatable: true });
  return { from: first, scan, infos: unitedInfos(contributions.map(({ input }) => input.infos)) };
}

function graphOf(from: Contribution): SpanGraph {
  const graph = graphOfKey(from);
  const opaque = graph.opaque[0];
  if (opaque !== undefined) throw new UnsupportedError(`the tree holds a ${opaque.className} that is not understood: ${opaque.reason}`);
  return graph;
}

/** Infos of all inputs: default rows of a branch need those of the input that has it. */
function unitedInfos(sets: readonly InfoSet[]): InfoSet {
  return new InfoSet(
    [...new Set(sets)].flatMap((infos) => infos.list()),
    builtinInfos,
  );
}

function branchSlots(tree: SpanNode): PointerNode[] {
  const list = member(tree, 'fBranches');
  return list === null ? [] : listItems(list);
}

function append(tree: SpanNode, listName: string, slots: readonly PointerNode[]): void {
  const list = member(tree, listName);
  if (list === null) throw new CorruptFileError(`tree has no ${listName}`);
  setListItems(list, [...listItems(list), ...slots]);
}

/** Slots that refer to the leaves of a branch and of those below it, as the tree lists them. */
function leavesBelow({ target }: PointerNode): PointerNode[] {
  if (target === null) return [];
  const [leaves, branches] = [member(target, 'fLeaves'), member(target, 'fBranches')];
  const own =
    leaves === null
      ? []
      : listItems(leaves)
          .filter((slot) => slot.target !== null)
          .map((slot) => pointerNode('', slot.target, slot.className));
  return [...own, ...(branches === null ? [] : listItems(branches).flatMap(leavesBelow))];
}
