/**
 * The I/O layer for those who read or write ROOT files record by record. UNSTABLE: names and
 * signatures may change in any release; `pool-merge` itself is the stable surface.
 */
export { openSource, type Source } from './bytes/source.ts';
export { createSink, type Sink, type SinkOptions } from './bytes/sink.ts';
export { compress, decompress } from './codec/payload.ts';
export { KeyTable } from './root/container/key-table.ts';
export { type KeyHeader } from './root/container/key.ts';
export { encodeDatime, formatDatime } from './root/container/datime.ts';
export { RootFile, joinPath, objectPath, openRootFile, type DirectoryNode, type ObjectPayload } from './root/root-file.ts';
export { RootFileWriter, type OutputDirectory, type RecordKey, type WriterOptions, type WrittenRecord } from './root/root-file-writer.ts';
export { encodeGraph, type EncodeOptions } from './root/streamer/encode.ts';
export { InfoSet } from './root/streamer/info-set.ts';
export { decodeObject } from './root/streamer/object-reader.ts';
export { encodeObject } from './root/streamer/object-writer.ts';
export { encodeWriterInfos, writerInfos } from './root/streamer/writer-infos.ts';
export { parseInfoSet } from './root/streamer/parse-infos.ts';
export { type ObjectNode, type PointerNode, type RawNode, type SpanGraph, type SpanNode } from './root/streamer/span-graph.ts';
export { walkObject } from './root/streamer/walk.ts';
export { type ColumnArrays, type EntryWindow, type NumberArray, type ValueType } from './root/column-arrays.ts';
export { branchPaths } from './root/tree/branch-paths.ts';
export { readBranch, type BranchWindow } from './root/tree/branch-values.ts';
export { openTree } from './root/tree/open-tree.ts';
export { type TreeReader } from './root/tree/tree-reader.ts';
export { fieldPaths, readField } from './root/rntuple/field-arrays.ts';
export { openTuple } from './root/rntuple/open-tuple.ts';
export { type RNTuple } from './root/rntuple/rntuple.ts';
export { classChecksum, type ClassLayout, type MemberLayout } from './root/streamer/written-class.ts';
export { classOfColumns, type ObjectColumn } from './root/tree/object-column.ts';
export { PoolReader, type PoolEvent } from './pool/pool-reader.ts';
export { PoolWriter, type EventOptions, type PoolWriterOptions } from './pool/pool-writer.ts';
export { formatToken, parseToken, type PoolToken, type Token } from './pool/token.ts';
