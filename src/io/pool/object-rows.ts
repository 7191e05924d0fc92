/** Headers, forms and the summary of events as objects of the POOL classes, see written-classes.ts. */
import { BigEndianWriter } from '../bytes/big-endian.ts';
import { byteCountWord } from '../root/streamer/type-codes.ts';
import type { ObjectRow } from '../root/tree/branch-writer.ts';
import type { FormP6, HeaderP6 } from './data-header-p6.ts';
import { parseGuid } from './guid.ts';

/** Version of a streamed collection (TStreamerInfo's, as ROOT 6 writes it). */
const COLLECTION_VERSION = 10;

/** A DataHeader_p6. */
export function headerRow({ commonDbIndex, commonOid2, shortElements, fullElements, provenanceSize, formToken }: HeaderP6): ObjectRow {
  return {
    m_commonDbIndex: commonDbIndex,
    m_commonOID2: BigInt.asUintN(64, commonOid2),
    m_shortElements: shortElements,
    m_fullElements: fullElements.map(({ oid2, dbIndex, objectIndex }) => ({
      oid2: BigInt.asUintN(64, oid2),
      dbIdx: dbIndex,
      objIdx: objectIndex,
    })),
    m_provenanceSize: provenanceSize,
    m_dhFormToken: formToken,
  };
}

/** A DataHeaderForm_p6 whose objects have neither aliases nor symlinks nor hashes. */
export function formRow({ dbRecords, objectRecords, version }: FormP6, processTag: string): ObjectRow {
  const lists = emptyLists(objectRecords.length);
  return {
    m_dbRecords: dbRecords.map(({ fid, technology }) => ({ fid: guidRow(fid), tech: technology })),
    m_objRecords: objectRecords.map(({ classId, container, key, clid, oid1 }) => ({
      guid: guidRow(classId),
      cont: container,
      key,
      clid,
      oid1,
    })),
    m_objAlias: lists,
    m_objSymLinks: lists,
    m_objHashes: lists,
    m_version: version,
    m_processTag: processTag,
  };
}

function guidRow(text: string): ObjectRow {
  const bytes = parseGuid(text);
  const view = new DataView(bytes.buffer);
  return { m_data1: view.getUint32(0), m_data2: view.getUint16(4), m_data3: view.getUint16(6), m_data4: bytes.subarray(8) };
}

/** A vector of empty vectors: u32 bytes that follow | 0x40000000, i16 10, i32 number, and an i32 0 for each. */
function emptyLists(count: number): Uint8Array {
  const w = new BigEndianWriter();
  w.u32(byteCountWord(6 + 4 * count));
  w.u16(COLLECTION_VERSION);
  w.i32(count);
  for (let i = 0; i < count; i++) w.i32(0);
  return w.done();
}

/** The type of events nothing else is known of: neither simulation, nor test beam, nor calibration. */
const EVENT_TYPE: ObjectRow = {
  m_bit_mask: [false, false, false],
  m_user_type: '',
  m_mc_event_weights: [],
  m_mc_channel_number: 0,
  m_mc_event_number: 0,
};

/** What is known of the events of a file (EventStreamInfo_p3, without lumi blocks). */
export interface StreamInfo {
  eventCount: number;
  runs: readonly number[];
  processingTags: readonly string[];
  /** Class number and key of each container. */
  items: readonly (readonly [clid: number, key: string])[];
}

/** An EventStreamInfo_p3. */
export function streamInfoRow({ eventCount, runs, processingTags, items }: StreamInfo): ObjectRow {
  return {
    m_numberOfEvents: eventCount,
    m_runNumbers: runs,
    m_lumiBlockNumbers: [],
    m_processingTags: processingTags,
    m_itemList: items.map(([first, second]) => ({ first, second })),
    m_eventTypes: [EVENT_TYPE],
  };
}
