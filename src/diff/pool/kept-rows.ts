/** Metadata of which one row was made: rows of one of the inputs are left of all trees of metadata, and these hold sums. */
import { containerPlace } from '../../io/pool/bookkeeping.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';

/** Tree of metadata; the trees of their headers and forms begin with its name, too. */
export const METADATA = 'MetaData';

/** Whose rows of metadata are left. */
export interface KeptRows {
  /** Number of the file on the right: the first with one row, or else the first that has any. */
  source: number;
  /** Trees of which only the first row is left, because that file has several rows of metadata. */
  cut: ReadonlySet<string>;
}

/** undefined where the left file has all rows, or none. */
export function keptRows(left: PoolContents, right: readonly PoolContents[]): KeptRows | undefined {
  const counts = right.map(metadataRows);
  if (metadataRows(left) !== 1 || counts.reduce((sum, count) => sum + count, 0) < 2) return undefined;
  const single = counts.indexOf(1);
  const source = single >= 0 ? single : counts.findIndex((count) => count > 0);
  return { source, cut: new Set(single >= 0 ? [] : [METADATA, ...headerTrees(right[source])]) };
}

function metadataRows({ containers }: PoolContents): number {
  return containers.tree(METADATA)?.reader.entryCount ?? 0;
}

function headerTrees(contents: PoolContents | undefined): string[] {
  return (
    contents?.headerContainers().flatMap(({ container, kind }) => (kind === 'metadata' ? [containerPlace(container.name).tree] : [])) ?? []
  );
}
