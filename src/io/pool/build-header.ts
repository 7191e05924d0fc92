/** Makes the DataHeader_p6 of an event, and the form it shares with events that have the same containers and files. */
import type { DbRecordP6, FormP6, FullElementP6, HeaderP6 } from './data-header-p6.ts';
import type { Reference } from './token.ts';

/** A reference of a header with what only the form says of it. */
export interface HeaderPart {
  token: Reference;
  /** StoreGate key, or the stream of a header. */
  key: string;
  clid: number;
}

/** Class number of DataHeader. */
const HEADER_CLID = 222_376_821;
/** Version of forms whose headers end with the reference to themselves. */
const FORM_VERSION = 600;

/** The references of one event. */
export interface HeaderParts {
  data: readonly HeaderPart[];
  /** Headers of the events this one was made from. */
  provenance: readonly HeaderPart[];
  self: HeaderPart;
}

/** The reference to a header of a stream. */
export function headerPart(token: Reference, stream: string): HeaderPart {
  return { token, key: stream, clid: HEADER_CLID };
}

/** A header, still without the token of its form, and the form. */
export function buildHeaderP6({ data, provenance, self }: HeaderParts): { header: HeaderP6; form: FormP6 } {
  const commonOid2 = (data[0] ?? self).token.oid2;
  const dbRecords: DbRecordP6[] = [recordOf(self.token)];
  const fullElements: FullElementP6[] = [];
  const parts = [...data, ...provenance, self];
  const shortElements = parts.map(({ token }, objectIndex) => {
    const dbIndex = indexOf(dbRecords, recordOf(token));
    if (dbIndex === 0 && token.oid2 === commonOid2) return objectIndex;
    return -fullElements.push({ oid2: token.oid2, dbIndex, objectIndex });
  });
  const objectRecords = parts.map(({ token: { classId, container, oid1 }, key, clid }) => ({ classId, container, key, clid, oid1 }));
  return {
    header: { commonDbIndex: 0, commonOid2, shortElements, fullElements, provenanceSize: provenance.length, formToken: '' },
    form: { dbRecords, objectRecords, version: FORM_VERSION },
  };
}

/** What two forms must share to be one. */
export function formIdentity({ dbRecords, objectRecords }: FormP6): string {
  return [
    ...dbRecords.map(({ fid, technology }) => `${fid} ${technology}`),
    ...objectRecords.map(({ container, key, oid1 }) => `${container} ${key} ${oid1}`),
  ].join('\n');
}

function recordOf({ db, technology }: Reference): DbRecordP6 {
  return { fid: db, technology };
}

function indexOf(records: DbRecordP6[], { fid, technology }: DbRecordP6): number {
  const known = records.findIndex((record) => record.fid === fid && record.technology === technology);
  return known >= 0 ? known : records.push({ fid, technology }) - 1;
}
