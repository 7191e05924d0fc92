/**
 * A tree inside another object (a TTree in a TList, a RooDataSet) keeps its baskets elsewhere in the
 * file. Copying the object alone would lose them, so such an object is refused by name.
 */
import type { SpanNode } from '../../io/root/streamer/span-graph.ts';
import { member } from '../../io/root/streamer/member.ts';
import { graphOfKey } from './key-graph.ts';
import type { Contribution, MergePlan } from '../plan/plan.ts';
import { someNode } from '../../io/root/streamer/graph-search.ts';

/** Class names of branches all begin so; the name stands in the payload where a branch is stored. */
const BRANCH = Buffer.from('TBranch');
const SEEK_BYTES = 8;

/** Refuses the target when one of the given contributions holds a tree with baskets on file; true when it is fine. */
export function refuseTreesInside(plan: MergePlan, target: number, contributions: readonly number[]): boolean {
  for (const k of contributions) {
    const contribution = plan.contribution(target, k);
    const reason = treeInside(contribution);
    if (reason === undefined) continue;
    plan.refuse(target, 'tree-inside-object', reason, contribution.input);
    return false;
  }
  return true;
}

function treeInside(contribution: Contribution): string | undefined {
  const { input, directory, keyIndex } = contribution;
  if (!input.hasBranches) return undefined;
  const { payload } = input.file.readObject(directory, keyIndex);
  if (!Buffer.from(payload.buffer, payload.byteOffset, payload.length).includes(BRANCH)) return undefined;
  const graph = graphOfKey(contribution);
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
