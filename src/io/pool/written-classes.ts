/**
 * Layouts of the POOL classes that are written. Their checksums are those real files carry (written-class.ts computes them).
 * Source: ATLAS athena Database/PersistentDataModelTPCnv (DataHeader_p6.h), with m_processTag as since 2022; EventStreamInfo_p3 from the
 * streamer infos of files.
 */
import type { ClassLayout } from '../root/streamer/written-class.ts';

/** 16 bytes, in the order of the text. */
export const GUID_LAYOUT: ClassLayout = layout(
  'Guid',
  ['m_data1', 'unsigned int'],
  ['m_data2', 'unsigned short'],
  ['m_data3', 'unsigned short'],
  ['m_data4', 'unsigned char', 8],
);

/** An element of a header with a row or a file of its own. */
export const FULL_ELEMENT_LAYOUT: ClassLayout = layout(
  'DataHeader_p6::FullElement',
  ['oid2', 'ULong64_t'],
  ['dbIdx', 'unsigned int'],
  ['objIdx', 'unsigned int'],
);

/** The references of one event. */
export const HEADER_LAYOUT: ClassLayout = layout(
  'DataHeader_p6',
  ['m_commonDbIndex', 'unsigned int'],
  ['m_commonOID2', 'ULong64_t'],
  ['m_shortElements', 'vector<int>'],
  ['m_fullElements', 'vector<DataHeader_p6::FullElement>'],
  ['m_provenanceSize', 'unsigned int'],
  ['m_dhFormToken', 'string'],
);

/** A file of a form. */
export const DB_RECORD_LAYOUT: ClassLayout = layout('DataHeaderForm_p6::DbRecord', ['fid', 'Guid'], ['tech', 'unsigned int']);

/** An object of a form. */
export const OBJECT_RECORD_LAYOUT: ClassLayout = layout(
  'DataHeaderForm_p6::ObjRecord',
  ['guid', 'Guid'],
  ['cont', 'string'],
  ['key', 'string'],
  ['clid', 'unsigned int'],
  ['oid1', 'Long64_t'],
);

/** What headers of alike events have in common. */
export const FORM_LAYOUT: ClassLayout = layout(
  'DataHeaderForm_p6',
  ['m_dbRecords', 'vector<DataHeaderForm_p6::DbRecord>'],
  ['m_objRecords', 'vector<DataHeaderForm_p6::ObjRecord>'],
  ['m_objAlias', 'vector<vector<string> >'],
  ['m_objSymLinks', 'vector<vector<unsigned int> >'],
  ['m_objHashes', 'vector<vector<unsigned int> >'],
  ['m_version', 'unsigned int'],
  ['m_processTag', 'string'],
);

/** A container and its class number, as EventStreamInfo_p3 lists them. */
export const ITEM_LAYOUT: ClassLayout = layout('pair<unsigned int,string>', ['first', 'unsigned int'], ['second', 'string']);

/** A type of event, as EventStreamInfo_p3 lists them. */
export const EVENT_TYPE_LAYOUT: ClassLayout = layout(
  'EventType_p3',
  ['m_bit_mask', 'vector<bool>'],
  ['m_user_type', 'string'],
  ['m_mc_event_weights', 'vector<float>'],
  ['m_mc_channel_number', 'unsigned int'],
  ['m_mc_event_number', 'unsigned long'],
);

/** Summary of the events of a file. */
export const STREAM_INFO_LAYOUT: ClassLayout = layout(
  'EventStreamInfo_p3',
  ['m_numberOfEvents', 'unsigned int'],
  ['m_runNumbers', 'vector<unsigned int>'],
  ['m_lumiBlockNumbers', 'vector<unsigned int>'],
  ['m_processingTags', 'vector<string>'],
  ['m_itemList', 'vector<pair<unsigned int,string> >'],
  ['m_eventTypes', 'vector<EventType_p3>'],
);

function layout(className: string, ...members: readonly (readonly [name: string, typeName: string, length?: number])[]): ClassLayout {
  return {
    className,
    classVersion: 1,
    members: members.map(([name, typeName, length]) => ({ name, typeName, ...(length !== undefined && { shape: [length] }) })),
  };
}
