/**
 * Footer envelope: u64 feature flags, u64 header checksum, record with the schema extension, list of
 * cluster groups, and since format 1.0.1.0 a list of linked attribute sets.
 *
 *   cluster group   record: u64 minimum entry, u64 entry span, u32 number of clusters, link to its page list
 *   attribute set   record: u16 schema major, u16 minor, u32 anchor bytes, locator of the anchor, string name
 *
 * Source: BinaryFormatSpecification.md "Footer Envelope"; attribute sets: format 1.0.1.0, ROOT 6.40 files.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import type { LittleEndianReader, LittleEndianWriter } from '../../bytes/little-endian.ts';
import type { EnvelopePlace } from './anchor.ts';
import { EnvelopeType, encodeEnvelope, openList, openRecord, parseEnvelope, writeListFrame, writeRecordFrame } from './envelope.ts';
import { refuseFeatures, type Header } from './header.ts';
import { parseLocator, parseEnvelopeLink, writeEnvelopeLink, writeLocator, type Locator } from './locator.ts';
import { checkSchema, parseSchemaDescription, type Schema } from './schema.ts';

/** A group of clusters that share a page list. */
export interface ClusterGroup {
  firstEntry: number;
  entryCount: number;
  clusterCount: number;
  pageList: EnvelopePlace;
}

/** An RNTuple of attributes of ranges of entries, which no key list names. */
export interface AttributeSet {
  name: string;
  /** Major and minor version of the meaning of its fields; 1.0 in ROOT 6.40. */
  version: readonly [number, number];
  /** Where its anchor lies, a payload like those of listed keys. */
  anchor: Locator;
}

/** A parsed footer. */
export interface Footer {
  /** Schema of header and extension together. */
  schema: Schema;
  /** The schema extension's record frame as stored. */
  extensionBytes: Uint8Array;
  clusterGroups: ClusterGroup[];
  /** Linked attribute sets. */
  attributeSets: AttributeSet[];
  /** True when the footer has a list of attribute sets, be it empty. */
  hasAttributeList: boolean;
}

/**
 * Parses a decompressed footer envelope that belongs to `header`. `like`: a footer of the same header; when
 * its extension has the same bytes, the parsed schema is shared (a thousand files of one job have one schema).
 */
export function parseFooter(bytes: Uint8Array, header: Header, like?: Footer): Footer {
  const { payload } = parseEnvelope(bytes, EnvelopeType.footer);
  refuseFeatures(payload);
  if (payload.u64() !== header.checksum) throw new CorruptFileError('RNTuple footer belongs to another header');
  const extensionAt = payload.pos;
  const extension = openRecord(payload);
  const extensionBytes = payload.bytes.subarray(extensionAt, payload.pos);
  const isShared = like !== undefined && Buffer.compare(extensionBytes, like.extensionBytes) === 0;
  const schema = isShared ? like.schema : extendSchema(header.schema, extension);
  const clusterGroups = readList(payload, parseClusterGroup);
  const hasAttributeList = payload.remaining > 0;
  const attributeSets = hasAttributeList ? readList(payload, parseAttributeSet) : [];
  if (payload.remaining > 0) throw new UnsupportedError(`RNTuple footer has ${payload.remaining} bytes of a later format version`);
  return { schema, extensionBytes, clusterGroups, attributeSets, hasAttributeList };
}

function extendSchema({ fields, columns, aliases, extraTypeInfos }: Schema, extension: LittleEndianReader): Schema {
  const schema: Schema = { fields: [...fields], columns: [...columns], aliases: [...aliases], extraTypeInfos: [...extraTypeInfos] };
  if (extension.remaining > 0) parseSchemaDescription(extension, schema);
  checkSchema(schema);
  return schema;
}

function readList<T>(r: LittleEndianReader, parse: (item: LittleEndianReader) => T): T[] {
  const { count, items } = openList(r);
  const out: T[] = [];
  for (let i = 0; i < count; i++) out.push(parse(openRecord(items)));
  return out;
}

function parseClusterGroup(r: LittleEndianReader): ClusterGroup {
  return { firstEntry: r.count64(), entryCount: r.count64(), clusterCount: r.u32(), pageList: parseEnvelopeLink(r) };
}

function parseAttributeSet(r: LittleEndianReader): AttributeSet {
  const version = [r.u16(), r.u16()] as const;
  r.take(4); // bytes of the anchor once decompressed: it is never compressed
  const anchor = parseLocator(r);
  return { anchor, name: r.string(), version };
}

/** What a new footer says; the extension and the presence of an attribute list come from the first input. */
export type NewFooter = Pick<Footer, 'extensionBytes' | 'clusterGroups' | 'hasAttributeList' | 'attributeSets'> & {
  headerChecksum: bigint;
};

/** Encodes a footer envelope, uncompressed. */
export function encodeFooter(footer: NewFooter): Uint8Array {
  return encodeEnvelope(EnvelopeType.footer, (w) => {
    w.u64(0n);
    w.u64(footer.headerChecksum);
    w.raw(footer.extensionBytes);
    writeListFrame(w, footer.clusterGroups.length, () => {
      for (const group of footer.clusterGroups) {
        writeRecordFrame(w, () => {
          w.count64(group.firstEntry);
          w.count64(group.entryCount);
          w.u32(group.clusterCount);
          writeEnvelopeLink(w, group.pageList);
        });
      }
    });
    if (footer.hasAttributeList || footer.attributeSets.length > 0) writeAttributeSets(w, footer.attributeSets);
  });
}

function writeAttributeSets(w: LittleEndianWriter, sets: readonly AttributeSet[]): void {
  writeListFrame(w, sets.length, () => {
    for (const { name, version, anchor } of sets) {
      writeRecordFrame(w, () => {
        for (const part of version) w.u16(part);
        w.u32(anchor.storedBytes);
        writeLocator(w, anchor.offset, anchor.storedBytes);
        w.string(name);
      });
    }
  });
}
