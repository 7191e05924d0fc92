/** Where the references of DataHeader_p6 and DataHeaderForm_p6 lie in their rows, split or not. */
import type { FormP6, HeaderP6 } from './data-header-p6.ts';
import {
  countOf,
  guidOf,
  locateGuids,
  locateNumbers,
  locateNumberVector,
  locateOneText,
  locateTexts,
  numberOf,
  smallNumbersOf,
  textOf,
  type GuidPlace,
  type NumberPlaces,
  type TextPlace,
} from './places.ts';
import { memberOf, type RowColumns } from './row-columns.ts';

/** Places in a header. */
export interface HeaderPlacesP6 {
  commonDbIndex: NumberPlaces;
  /** One u64. */
  commonOid2: NumberPlaces;
  shortElements: NumberPlaces;
  /** oid2 (u64), dbIdx and objIdx (u32) of each full element. */
  fullOid2: NumberPlaces;
  fullDbIndex: NumberPlaces;
  fullObjectIndex: NumberPlaces;
  provenanceSize: NumberPlaces;
  formToken: TextPlace;
}

/** Places in a form. */
export interface FormPlacesP6 {
  dbGuids: GuidPlace[];
  dbTechnology: NumberPlaces;
  objectGuids: GuidPlace[];
  containers: TextPlace[];
  keys: TextPlace[];
  clids: NumberPlaces;
  /** oid1 of each object record, i64. */
  oid1: NumberPlaces;
  version: NumberPlaces;
}

/** Finds the values of a header. CorruptFileError where its members do not fit. */
export function locateHeaderP6(columns: RowColumns): HeaderPlacesP6 {
  const full = countOf(memberOf(columns, 'm_fullElements'));
  return {
    commonDbIndex: locateNumbers(memberOf(columns, 'm_commonDbIndex'), 1, 4),
    commonOid2: locateNumbers(memberOf(columns, 'm_commonOID2'), 1, 8),
    shortElements: locateNumberVector(memberOf(columns, 'm_shortElements'), 4),
    fullOid2: locateNumbers(memberOf(columns, 'm_fullElements.oid2'), full, 8),
    fullDbIndex: locateNumbers(memberOf(columns, 'm_fullElements.dbIdx'), full, 4),
    fullObjectIndex: locateNumbers(memberOf(columns, 'm_fullElements.objIdx'), full, 4),
    provenanceSize: locateNumbers(memberOf(columns, 'm_provenanceSize'), 1, 4),
    formToken: locateOneText(memberOf(columns, 'm_dhFormToken')),
  };
}

/** The header as stored. */
export function headerP6Of(places: HeaderPlacesP6): HeaderP6 {
  const [dbIndex, objectIndex] = [smallNumbersOf(places.fullDbIndex), smallNumbersOf(places.fullObjectIndex)];
  return {
    commonDbIndex: numberOf(places.commonDbIndex, 0) as number,
    commonOid2: numberOf(places.commonOid2, 0) as bigint,
    shortElements: smallNumbersOf(places.shortElements, true),
    fullElements: dbIndex.map((db, i) => ({
      oid2: numberOf(places.fullOid2, i) as bigint,
      dbIndex: db,
      objectIndex: objectIndex[i] as number,
    })),
    provenanceSize: numberOf(places.provenanceSize, 0) as number,
    formToken: textOf(places.formToken),
  };
}

/** Finds the values of a form. */
export function locateFormP6(columns: RowColumns): FormPlacesP6 {
  const dbs = countOf(memberOf(columns, 'm_dbRecords'));
  const objects = countOf(memberOf(columns, 'm_objRecords'));
  return {
    dbGuids: locateGuids(columns, 'm_dbRecords.fid', dbs),
    dbTechnology: locateNumbers(memberOf(columns, 'm_dbRecords.tech'), dbs, 4),
    objectGuids: locateGuids(columns, 'm_objRecords.guid', objects),
    containers: locateTexts(memberOf(columns, 'm_objRecords.cont'), objects),
    keys: locateTexts(memberOf(columns, 'm_objRecords.key'), objects),
    clids: locateNumbers(memberOf(columns, 'm_objRecords.clid'), objects, 4),
    oid1: locateNumbers(memberOf(columns, 'm_objRecords.oid1'), objects, 8),
    version: locateNumbers(memberOf(columns, 'm_version'), 1, 4),
  };
}

/** The form as stored. */
export function formP6Of(places: FormPlacesP6): FormP6 {
  const { dbGuids, dbTechnology, objectGuids, containers, keys, clids, oid1 } = places;
  return {
    dbRecords: dbGuids.map((guid, i) => ({ fid: guidOf(guid), technology: numberOf(dbTechnology, i) as number })),
    objectRecords: objectGuids.map((guid, i) => ({
      classId: guidOf(guid),
      container: textOf(containers[i] as TextPlace),
      key: textOf(keys[i] as TextPlace),
      clid: numberOf(clids, i) as number,
      oid1: numberOf(oid1, i) as bigint,
    })),
    version: numberOf(places.version, 0) as number,
  };
}
