/**
 * The first row of a tree of metadata whose input has several, after its changes: what the merged file has of that tree
 * when metadata are summed.
 */
import { FormReferences } from '../../io/pool/form-reference.ts';
import { HeaderReader } from '../../io/pool/header-rows.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';
import { Resolver } from '../../io/pool/resolve.ts';
import { containerPlace } from '../../io/pool/bookkeeping.ts';
import { entryBounds } from '../../io/root/tree/branch-rows.ts';
import type { BasketParts } from '../../io/root/tree/basket.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { rowsNamed } from './named-rows.ts';
import type { TreeRewrite } from './tree-rewrite.ts';

/** The basket with the first row of each branch that has one, by row of the branch in the tree's scan. */
export function firstRowBaskets(tree: TreeReader, rewrite: TreeRewrite | undefined): Map<number, BasketParts> {
  const first = new Map<number, BasketParts>();
  for (const { branch, parts } of rewrite?.baskets() ?? []) {
    if (!first.has(branch) && parts.header.nevBuf > 0) first.set(branch, cutBehindFirst(parts));
  }
  for (let branch = 0; branch < tree.scan.branches.count; branch++) {
    if (rewrite?.branches.has(branch) === true) continue;
    const rows = tree.rows(branch).next();
    if (rows.done !== true) first.set(branch, cutBehindFirst(rows.value.parts));
  }
  return first;
}

/** The key stays as it is: tags of classes and objects in the data count from its start. */
function cutBehindFirst(parts: BasketParts): BasketParts {
  const { header, data, offsets, displacements } = parts;
  const [start, end] = entryBounds(parts) as unknown as [number, number];
  const last = header.keylen + end;
  return {
    ...parts,
    header: { ...header, nevBuf: 1, last },
    data: data.slice(start, end),
    offsets: offsets?.slice(0, 1),
    displacements: displacements?.slice(0, 1),
  };
}

/** Trees of the headers of metadata. */
export function metadataHeaderTrees(contents: PoolContents): Set<string> {
  return new Set(
    contents.headerContainers().flatMap(({ container, kind }) => (kind === 'metadata' ? [containerPlace(container.name).tree] : [])),
  );
}

/** True when the first headers of metadata lead to no row but the first of a tree. Errors of damaged headers pass. */
export function leadsToFirstRow(contents: PoolContents, treeName: string): boolean {
  const resolver = new Resolver();
  resolver.add(contents);
  return contents.headerContainers().every(({ container, kind }) => {
    if (kind !== 'metadata' || container.rowCount === 0) return true;
    const rows = rowsNamed({ resolver, reader: new HeaderReader(container), forms: new FormReferences(contents, container) }, 0, treeName);
    return rows.every((row) => row === 0);
  });
}
