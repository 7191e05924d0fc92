/**
 * DataHeader_p6 and DataHeaderForm_p6.
 *
 *   header  m_commonDbIndex u32, m_commonOID2 u64, m_shortElements vector<i32>,
 *           m_fullElements vector<{oid2 u64, dbIdx u32, objIdx u32}>, m_provenanceSize u32, m_dhFormToken
 *   form    m_dbRecords vector<{fid 16 bytes, tech u32}>,
 *           m_objRecords vector<{class GUID 16 bytes, container, key, clid u32, oid1 i64}>, …
 *
 * A short element v >= 0 is an object index with the common file and row; v < 0 is full element
 * -1 - v; i32 minimum: no reference. Order: data, provenance, then (form version 600) the header itself.
 * Source: ATLAS athena Database/PersistentDataModelTPCnv/src/DataHeaderCnv_p6.cxx.
 */
import { CorruptFileError } from '../../errors.ts';
import type { HeaderElement } from './data-header.ts';

/** Short element without a reference. */
export const NO_TOKEN: number = -0x8000_0000;
/** Form version from which a header ends with the reference to itself. */
export const SELF_REFERENCE_VERSION = 600;

/** A row of the form's file table. */
export interface DbRecordP6 {
  fid: string;
  technology: number;
}

/** A row of the form's object table. */
export interface ObjectRecordP6 {
  classId: string;
  container: string;
  key: string;
  clid: number;
  oid1: bigint;
}

/** A form, as stored (what references need of it). */
export interface FormP6 {
  dbRecords: DbRecordP6[];
  objectRecords: ObjectRecordP6[];
  version: number;
}

/** A full element. */
export interface FullElementP6 {
  oid2: bigint;
  dbIndex: number;
  objectIndex: number;
}

/** A header, as stored. */
export interface HeaderP6 {
  commonDbIndex: number;
  commonOid2: bigint;
  shortElements: number[];
  fullElements: FullElementP6[];
  provenanceSize: number;
  formToken: string;
}

function at<T>(rows: readonly T[], index: number, what: string): T {
  const row = rows[index];
  if (row === undefined) {
    throw new CorruptFileError(`DataHeader names ${what} its form does not have`, { expected: `below ${rows.length}`, found: index });
  }
  return row;
}

/** Decodes all elements of a header; those without a reference are left out. */
export function decodeElementsP6(form: FormP6, header: HeaderP6): HeaderElement[] {
  const count = header.shortElements.length;
  const self = form.version >= SELF_REFERENCE_VERSION ? 1 : 0;
  const firstProvenance = count - self - header.provenanceSize;
  const elements: HeaderElement[] = [];
  header.shortElements.forEach((value, i) => {
    if (value === NO_TOKEN) return;
    const full: FullElementP6 =
      value >= 0
        ? { oid2: header.commonOid2, dbIndex: header.commonDbIndex, objectIndex: value }
        : at(header.fullElements, -1 - value, 'a full element');
    const db = at(form.dbRecords, full.dbIndex, 'a file');
    const { classId, container, key, clid, oid1 } = at(form.objectRecords, full.objectIndex, 'an object');
    const isProvenance = i >= firstProvenance && i < count - self;
    elements.push({ db: db.fid, container, classId, technology: db.technology, oid1, oid2: full.oid2, key, clid, isProvenance });
  });
  return elements;
}
