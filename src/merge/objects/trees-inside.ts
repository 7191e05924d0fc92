/**
 * A tree inside another object (a TTree in a TList, a RooDataSet) keeps its baskets elsewhere in the
 * file. Copying the object alone would lose them, so such an object is refused by name.
 */
import type { SpanGraph, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { member } from '../../io/root/streamer/member.ts';
import { graphOfKey } from './key-graph.ts';
import type { Contribution, MergePlan } from '../plan/plan.ts';
import { someNode } from '../../io/root/streamer/graph-search.ts';

/** Class names of branches all begin so; the name stands in the payload where a branch is stored. */
const BRANCH = Buffer.from('TBranch');
const SEEK_BYTES = 8;

/** Whether objects hold trees. `in-memory`: with all baskets inside, so that a copy is whole; `refused`: not, and the target is refused. */
export type TreesInside = 'none' | 'in-memory' | 'refused';

/** Looks for trees in the given contributions and refuses the target when one has baskets on file. */
export function refuseTreesInside(plan: MergePlan, target: number, contributions: readonly number[]): TreesInside {
  let found: TreesInside = 'none';
  for (const k of contributions) {
    const contribution = plan.contribution(target, k);
    const graph = graphWithBranches(contribution);
    if (graph === undefined) continue;
    const reason = whyNotCopied(graph);
    if (reason !== undefined) {
      plan.refuse(target, 'tree-inside-object', reason, contribution.input);
      return 'refused';
    }
    found = 'in-memory';
  }
  return found;
}

function graphWithBranches(contribution: Contribution): SpanGraph | undefined {
  const { input, directory, keyIndex } = contribution;
  if (!input.hasBranches) return undefined;
  const { payload } = input.file.readObject(directory, keyIndex);
  return Buffer.from(payload.buffer, payload.byteOffset, payload.length).includes(BRANCH) ? graphOfKey(contribution) : undefined;
}

function whyNotCopied(graph: SpanGraph): string | undefined {
  if (someNode(graph, hasBasketOnFile)) return 'it holds a tree whose baskets lie elsewhere in the file';
  return graph.opaque.length > 0 ? 'it holds a tree in a form that is not understood' : undefined;
}

/** True for a branch with a basket position that is not 0 (0: the basket is embedded or does not exist). */
function hasBasketOnFile(node: SpanNode): boolean {
  if (node.kind !== 'object' || !node.className.startsWith('TBranch')) return false;
  const seeks = member(node, 'fBasketSeek');
  if (seeks?.kind !== 'raw') return false;
  const from = seeks.start + (seeks.flagged ? 1 : 0);
  for (let at = from; at + SEEK_BYTES <= seeks.end; at += SEEK_BYTES) {
    if (seeks.source.view.getBigInt64(at) !== 0n) return true;
  }
  return false;
}
