/** What ends a POOL file that is written: the row of metadata with its header, and the bookkeeping. */
import { BOOKKEEPING, BOOKKEEPING_BRANCH, FID_PARAM, PFN_PARAM, formatParam } from './bookkeeping.ts';
import { headerPart } from './build-header.ts';
import type { BookedContainers } from './booked-containers.ts';
import { INDEX_NAME } from './containers.ts';
import type { PoolIdentity } from './pool-identity.ts';
import { HeaderStore, headerLinks } from './header-store.ts';
import { streamInfoRow, type StreamInfo } from './object-rows.ts';
import { INDEX_COLUMN, STREAM_INFO, TREES, streamInfoContainer, type BookTree } from './written-trees.ts';

/** Writes the metadata of a stream: the rows of its containers, and the summary of its events. */
export function writeMetaData(
  book: BookTree,
  identity: PoolIdentity,
  rows: BookedContainers,
  { stream, summary }: { stream: string; summary: StreamInfo },
): void {
  const info = streamInfoContainer(stream);
  const links = headerLinks(TREES.metaHeaders);
  for (const link of [info.link, links.form, links.header]) identity.links.add(link);
  const tree = book({ name: TREES.metaData, columns: [INDEX_COLUMN], objects: [...rows.objects(), info.object] });
  const oid2 = identity.oid2(0);
  tree.fill({ ...rows.entry(oid2), [info.object.name]: streamInfoRow(summary) });
  const data = [...rows.parts(oid2), { token: identity.token(info.link, oid2), key: stream, clid: STREAM_INFO.clid }];
  const self = headerPart(identity.token(links.header, oid2), stream);
  const headers = new HeaderStore(TREES.metaHeaders, book);
  headers.write({ data, provenance: [], self }, stream, identity.base, (row) => identity.token(links.form, row));
}

/** Writes parameters, shapes and links. */
export function writeBookkeeping(book: BookTree, identity: PoolIdentity, fileName: string): void {
  const params = [
    [FID_PARAM, identity.fid],
    [PFN_PARAM, fileName],
    ['POOL_VSN', '1.1'],
    ['FORMAT_VSN', '2.0'],
  ] as const;
  const texts = {
    [BOOKKEEPING.params]: params.map(([name, value]) => formatParam({ name, value })),
    [BOOKKEEPING.shapes]: identity.links.shapeRows(),
    [BOOKKEEPING.links]: identity.links.linkRows(identity.base),
  };
  for (const [name, rows] of Object.entries(texts)) {
    const tree = book({ name, columns: [{ name: BOOKKEEPING_BRANCH, type: 'text' }, INDEX_COLUMN] });
    rows.forEach((text, row) => tree.fill({ [BOOKKEEPING_BRANCH]: text, [INDEX_NAME]: identity.oid2(row) }));
  }
}
