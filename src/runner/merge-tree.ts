/** A merge of many files in steps: groups of neighbours first, then merges of those merges, until one is left. */

/** One merge of a tree. */
export interface MergeNode {
  /** Its number; the last one makes the output. */
  readonly node: number;
  /** What it merges: files of workers, or what other nodes merged. */
  readonly of: 'workers' | 'nodes';
  /** Numbers of its inputs: neighbours, in order. */
  readonly inputs: readonly number[];
}

/**
 * The merges for a number of workers, each of at most `fanIn` inputs; every merge comes after its inputs. Neighbours
 * stay neighbours, so that entries come in the order of a single merge; groups of one step differ by at most one.
 */
export function planMergeTree(workerCount: number, fanIn: number): MergeNode[] {
  const nodes: MergeNode[] = [];
  let inputs = Array.from({ length: workerCount }, (_, worker) => worker);
  let of: MergeNode['of'] = 'workers';
  do {
    const groups = splitEvenly(inputs, Math.ceil(inputs.length / fanIn));
    const first = nodes.length;
    nodes.push(...groups.map((group, i) => ({ node: first + i, of, inputs: group })));
    inputs = groups.map((_, i) => first + i);
    of = 'nodes';
  } while (inputs.length > 1);
  return nodes;
}

/** Cuts a list into runs of nearly equal length. */
function splitEvenly(list: readonly number[], count: number): number[][] {
  return Array.from({ length: count }, (_, i) =>
    list.slice(Math.round((i * list.length) / count), Math.round(((i + 1) * list.length) / count)),
  );
}

/** Numbers of the workers whose files a node holds in the end. */
export function workersOf(tree: readonly MergeNode[], { of, inputs }: MergeNode): number[] {
  if (of === 'workers') return [...inputs];
  return tree.filter(({ node }) => inputs.includes(node)).flatMap((node) => workersOf(tree, node));
}
