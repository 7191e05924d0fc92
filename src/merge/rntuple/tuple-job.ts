/** What a planned RNTuple merge is, as data: filled by plan-tuple.ts, carried out by tuple-writer.ts. */
import type { Anchor } from '../../io/root/rntuple/anchor.ts';
import type { ColumnTraits } from '../../io/root/rntuple/element-counter.ts';
import type { PageRecoder } from '../../io/root/rntuple/page-encoding.ts';
import type { ClusterSource } from '../../io/root/rntuple/rntuple.ts';
import type { Column, Schema } from '../../io/root/rntuple/schema.ts';
import type { NewColumns } from '../tuple-changes.ts';

/** Stands in `TuplePart.sourceOf` for a column the input does not have. */
export const MISSING_COLUMN = 0xffff_ffff;

/** One input's part of a merged RNTuple. */
export interface TuplePart {
  source: ClusterSource;
  schema: Schema;
  traits: ColumnTraits;
  /** Column ids of this input by column id of the output, or MISSING_COLUMN; undefined: the same. */
  sourceOf: Uint32Array | undefined;
  /** By column id of this input: how its pages get the encoding of the output; undefined: no column needs it. */
  recoders: (PageRecoder | undefined)[] | undefined;
}

/** Entries of an input that has none where there must be some: zero or empty, but for the columns with values. */
export interface AbsentPart {
  entryCount: number;
  /** Elements, one per entry, by column id of the output. */
  values: NewColumns;
}

/** A merged attribute set. */
export interface AttributeJob {
  name: string;
  /** Major and minor version of the meaning of its fields. */
  version: readonly [number, number];
  job: TupleJob;
  entryCount: number;
}

/** One merged RNTuple. */
export interface TupleJob {
  target: number;
  parts: (TuplePart | AbsentPart)[];
  /** The part whose schema extension the output repeats: columns added late are in its clusters from then on only. */
  extended: TuplePart | undefined;
  /** Of the input that gives the schema: the first, or the one with all fields. */
  anchor: Anchor;
  headerStored: Uint8Array;
  headerChecksum: bigint;
  /** Its schema extension as stored. */
  extensionBytes: Uint8Array;
  hasAttributeList: boolean;
  attributeSets: readonly AttributeJob[];
  /** Columns of the output by id, and their traits. */
  columns: readonly Column[];
  traits: ColumnTraits;
  /** Setting all pages get; undefined: each page keeps its bytes. */
  compression: number | undefined;
  /** Bytes of the pages in the inputs, checksums included. */
  inputBytes: number;
}
