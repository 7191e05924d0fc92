/** The trees of a POOL file that is written, their columns beside containers, and the containers that every file has. */
import type { BasicColumnType, ColumnSpec } from '../root/column.ts';
import type { ObjectColumn } from '../root/tree/object-column.ts';
import type { TreeSpec, TreeWriter } from '../root/tree/tree-writer.ts';
import { INDEX_NAME } from './containers.ts';
import { COLUMN_TYPE, basicContainer, type LinkedContainer } from './link-table.ts';
import { TOKEN_CLASS_ID } from './pool-contents.ts';
import { TECHNOLOGY } from './token.ts';
import { EVENT_TYPE_LAYOUT, ITEM_LAYOUT, STREAM_INFO_LAYOUT } from './written-classes.ts';

/** Makes a tree in the root directory of the file. */
export type BookTree = (spec: TreeSpec) => TreeWriter;

/** Names of the trees. */
export const TREES = {
  data: 'CollectionTree',
  headers: 'POOLContainer',
  tags: 'POOLCollectionTree',
  metaData: 'MetaData',
  metaHeaders: 'MetaDataHdr',
} as const;
/** Class GUID and number of EventStreamInfo. Source: measured in files of ATLAS. */
export const STREAM_INFO = { classId: '11DF1B8C-0DEE-4687-80D7-E74B520ACBB4', clid: 167_728_019 } as const;
/** Columns of event tags. */
export const RUN_COLUMN: ColumnSpec = { name: 'RunNumber', type: 'uint32' };
/** See RUN_COLUMN. */
export const EVENT_COLUMN: ColumnSpec = { name: 'EventNumber', type: 'uint64' };
/** Column of index_ref. */
export const INDEX_COLUMN: ColumnSpec = { name: INDEX_NAME, type: 'int64' };
/** Column of event tags with the token of the header. */
export const TOKEN_COLUMN: ColumnSpec = { name: 'Token', type: 'text' };

/** The container of the tokens of event tags. */
export function tokenContainer(): LinkedContainer {
  return {
    container: `${TREES.tags}(${TOKEN_COLUMN.name})`,
    classId: TOKEN_CLASS_ID,
    className: 'Token',
    technology: TECHNOLOGY.tree,
    columnType: COLUMN_TYPE.token,
  };
}

/** The container of another column of event tags. */
export function tagContainer(name: string, type: BasicColumnType): LinkedContainer {
  return basicContainer(`${TREES.tags}(${name})`, type);
}

/** The container of EventStreamInfo in the metadata, and its column. */
export function streamInfoContainer(stream: string): { link: LinkedContainer; object: ObjectColumn } {
  const { className } = STREAM_INFO_LAYOUT;
  const link = {
    container: `${TREES.metaData}(${className}/${stream})`,
    classId: STREAM_INFO.classId,
    className,
    technology: TECHNOLOGY.treeIndex,
    columnType: COLUMN_TYPE.object,
  };
  return { link, object: { name: `${className}_${stream}`, layout: STREAM_INFO_LAYOUT, parts: [ITEM_LAYOUT, EVENT_TYPE_LAYOUT] } };
}
