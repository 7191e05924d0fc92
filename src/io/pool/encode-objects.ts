/**
 * Streams whole objects of POOL classes, as the branch of a container that is not split stores them: the members one after the
 * other without a frame of the object itself.
 *
 *   vector, string      u32 bytes that follow | 0x40000000, i16 10, then i32 count and values, or the string
 *   vector of objects   the same with version 10 | 0x4000, then i16 0, u32 checksum of the class, i32 count, and one member of
 *                       all elements after the other; strings of all elements are one framed column
 *   object in it        u32 bytes that follow | 0x40000000, i16 0, u32 checksum, members
 * Measured on files of ATLAS (see data-header-p6.ts) and of ROOT 6.
 */
import { BigEndianWriter } from '../bytes/big-endian.ts';
import { BYTE_COUNT_MASK, MEMBER_WISE_BIT } from '../root/streamer/type-codes.ts';
import { classChecksum, type ClassLayout } from '../root/streamer/written-class.ts';
import type { FormP6, HeaderP6 } from './data-header-p6.ts';
import { parseGuid } from './guid.ts';
import { DB_RECORD_LAYOUT, EVENT_TYPE_LAYOUT, FULL_ELEMENT_LAYOUT, GUID_LAYOUT, ITEM_LAYOUT, OBJECT_RECORD_LAYOUT } from './written-classes.ts';

/** Version of a streamed collection or string (TStreamerInfo's, as ROOT 6 writes it). */
const COLLECTION_VERSION = 10;

/** Bytes of a DataHeader_p6. */
export function encodeHeaderP6({ commonDbIndex, commonOid2, shortElements, fullElements, provenanceSize, formToken }: HeaderP6): Uint8Array {
  const w = new ObjectBytes();
  w.u32(commonDbIndex);
  w.long(commonOid2);
  w.framed(() => {
    w.i32(shortElements.length);
    shortElements.forEach((value) => w.i32(value));
  });
  w.objects(FULL_ELEMENT_LAYOUT, fullElements.length, () => {
    fullElements.forEach(({ oid2 }) => w.long(oid2));
    fullElements.forEach(({ dbIndex }) => w.u32(dbIndex));
    fullElements.forEach(({ objectIndex }) => w.u32(objectIndex));
  });
  w.u32(provenanceSize);
  w.texts([formToken]);
  return w.done();
}

/** Bytes of a DataHeaderForm_p6 whose objects have neither aliases nor symlinks nor hashes. */
export function encodeFormP6({ dbRecords, objectRecords, version }: FormP6, processTag: string): Uint8Array {
  const w = new ObjectBytes();
  w.objects(DB_RECORD_LAYOUT, dbRecords.length, () => {
    dbRecords.forEach(({ fid }) => w.guid(fid));
    dbRecords.forEach(({ technology }) => w.u32(technology));
  });
  w.objects(OBJECT_RECORD_LAYOUT, objectRecords.length, () => {
    objectRecords.forEach(({ classId }) => w.guid(classId));
    w.texts(objectRecords.map(({ container }) => container));
    w.texts(objectRecords.map(({ key }) => key));
    objectRecords.forEach(({ clid }) => w.u32(clid));
    objectRecords.forEach(({ oid1 }) => w.long(oid1));
  });
  for (let list = 0; list < 3; list++) {
    w.framed(() => {
      w.i32(objectRecords.length);
      objectRecords.forEach(() => w.i32(0));
    });
  }
  w.u32(version);
  w.texts([processTag]);
  return w.done();
}

/** What is known of the events of a file (EventStreamInfo_p3, without lumi blocks and event types). */
export interface StreamInfo {
  eventCount: number;
  runs: readonly number[];
  processingTags: readonly string[];
  /** Class number and key of each container. */
  items: readonly (readonly [clid: number, key: string])[];
}

/** Bytes of an EventStreamInfo_p3. */
export function encodeStreamInfo({ eventCount, runs, processingTags, items }: StreamInfo): Uint8Array {
  const w = new ObjectBytes();
  w.u32(eventCount);
  for (const numbers of [runs, []]) {
    w.framed(() => {
      w.i32(numbers.length);
      numbers.forEach((value) => w.u32(value));
    });
  }
  w.framed(() => {
    w.i32(processingTags.length);
    processingTags.forEach((text) => w.tstring(text));
  });
  w.objects(ITEM_LAYOUT, items.length, () => {
    items.forEach(([clid]) => w.u32(clid));
    w.texts(items.map(([, key]) => key));
  });
  w.objects(EVENT_TYPE_LAYOUT, 0, () => undefined);
  return w.done();
}

class ObjectBytes extends BigEndianWriter {
  /** A 64-bit integer, signed or not. */
  long(value: bigint): void {
    const at = this.grow(8);
    this.view.setBigInt64(at, BigInt.asIntN(64, value));
  }

  framed(put: () => void, version = COLLECTION_VERSION): void {
    const start = this.grow(4);
    this.u16(version);
    put();
    this.view.setUint32(start, BYTE_COUNT_MASK | (this.pos - start - 4));
  }

  /** Strings of a column, or a single one. */
  texts(texts: readonly string[]): void {
    this.framed(() => texts.forEach((text) => this.tstring(text)));
  }

  /** A vector of objects, whose members `put` writes one after the other; nothing when there are none. */
  objects(layout: ClassLayout, count: number, put: () => void): void {
    this.framed(() => {
      this.u16(0);
      this.u32(classChecksum(layout));
      this.i32(count);
      if (count > 0) put();
    }, COLLECTION_VERSION | MEMBER_WISE_BIT);
  }

  guid(text: string): void {
    this.framed(() => {
      this.u32(classChecksum(GUID_LAYOUT));
      this.raw(parseGuid(text));
    }, 0);
  }
}
