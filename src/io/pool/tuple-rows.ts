/** DataHeader_p6 and DataHeaderForm_p6 stored in RNTuples, read column by column. */
import { CorruptFileError } from '../../errors.ts';
import { readFields, textsOf } from '../root/rntuple/field-values.ts';
import type { ColumnValues } from '../root/rntuple/pages.ts';
import type { RNTuple } from '../root/rntuple/rntuple.ts';
import type { FormP6, HeaderP6 } from './data-header-p6.ts';
import { formatGuid } from './guid.ts';

/** Paths of the members of a GUID below its field: u32, u16, u16 and 8 bytes, in the order of the text. */
export const GUID_MEMBERS: readonly (readonly string[])[] = [['m_data1'], ['m_data2'], ['m_data3'], ['m_data4', '_0']];

/** The headers of an RNTuple field of class DataHeader_p6: all columns in memory, rows made when they are asked for. */
export class TupleHeaders {
  readonly rowCount: number;
  readonly #read: (row: number) => HeaderP6;

  constructor(tuple: RNTuple, field: string) {
    const read = (...path: string[]): ColumnValues[] => readFields(tuple, [[field, ...path]])[0] as ColumnValues[];
    const full = (member: string): ColumnValues | undefined => read('m_fullElements', '_0', member)[0];
    const [db, oid2, provenance] = [read('m_commonDbIndex')[0], read('m_commonOID2')[0], read('m_provenanceSize')[0]];
    const [shortRange, short] = [rangesOf(read('m_shortElements')[0]), read('m_shortElements', '_0')[0]];
    const [fullRange, fullOid2, fullDb, fullObject] = [rangesOf(read('m_fullElements')[0]), full('oid2'), full('dbIdx'), full('objIdx')];
    const tokens = textsOf(read('m_dhFormToken'));
    this.rowCount = tokens.length;
    this.#read = (row) => ({
      commonDbIndex: numberAt(db, row),
      commonOid2: longAt(oid2, row),
      shortElements: indicesOf(shortRange(row)).map((i) => numberAt(short, i)),
      fullElements: indicesOf(fullRange(row)).map((i) => ({
        oid2: longAt(fullOid2, i),
        dbIndex: numberAt(fullDb, i),
        objectIndex: numberAt(fullObject, i),
      })),
      provenanceSize: numberAt(provenance, row),
      formToken: tokens[row] as string,
    });
  }

  /** The header of a row; CorruptFileError when there is none. */
  header(row: number): HeaderP6 {
    if (row < 0 || row >= this.rowCount) {
      throw new CorruptFileError('header row does not exist', { expected: `below ${this.rowCount}`, found: row });
    }
    return this.#read(row);
  }
}

/** Reads all forms of an RNTuple field of class DataHeaderForm_p6. */
export function readTupleForms(tuple: RNTuple, field: string): FormP6[] {
  const read = (...path: string[]): ColumnValues[] => readFields(tuple, [[field, ...path]])[0] as ColumnValues[];
  const [dbRange, objectRange] = [rangesOf(read('m_dbRecords')[0]), rangesOf(read('m_objRecords')[0])];
  const [fids, classIds] = [guidsOf(read, 'm_dbRecords', '_0', 'fid'), guidsOf(read, 'm_objRecords', '_0', 'guid')];
  const object = (member: string): ColumnValues[] => read('m_objRecords', '_0', member);
  const [containers, keys, clids, oid1] = [textsOf(object('cont')), textsOf(object('key')), object('clid')[0], object('oid1')[0]];
  const [technology, versions] = [read('m_dbRecords', '_0', 'tech')[0], read('m_version')[0]];
  return Array.from({ length: tuple.entryCount }, (_, row) => ({
    dbRecords: indicesOf(dbRange(row)).map((i) => ({ fid: fids[i] as string, technology: numberAt(technology, i) })),
    objectRecords: indicesOf(objectRange(row)).map((i) => ({
      classId: classIds[i] as string,
      container: containers[i] as string,
      key: keys[i] as string,
      clid: numberAt(clids, i),
      oid1: longAt(oid1, i),
    })),
    version: numberAt(versions, row),
  }));
}

/** GUID texts of a field of class Guid: u32, u16, u16 and 8 bytes, in the order of the text. */
function guidsOf(read: (...path: string[]) => ColumnValues[], ...path: string[]): string[] {
  const [first, second, third, rest] = GUID_MEMBERS.map((member) => read(...path, ...member)[0]);
  return Array.from({ length: first?.length ?? 0 }, (_, i) => {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, numberAt(first, i));
    view.setUint16(4, numberAt(second, i));
    view.setUint16(6, numberAt(third, i));
    for (let k = 0; k < 8; k++) bytes[8 + k] = numberAt(rest, 8 * i + k);
    return formatGuid(bytes);
  });
}

/** Element range of each collection from their ends. */
function rangesOf(ends: ColumnValues | undefined): (row: number) => [number, number] {
  return (row) => [row === 0 ? 0 : numberAt(ends, row - 1), numberAt(ends, row)];
}

function indicesOf([start, end]: [number, number]): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

function numberAt(values: ColumnValues | undefined, i: number): number {
  const value = values?.[i];
  if (typeof value !== 'number') {
    throw new CorruptFileError('RNTuple column lacks an element', { expected: i + 1, found: values?.length ?? 0 });
  }
  return value;
}

function longAt(values: ColumnValues | undefined, i: number): bigint {
  const value = values?.[i];
  if (typeof value !== 'bigint') {
    throw new CorruptFileError('RNTuple column lacks a 64-bit element', { expected: i + 1, found: values?.length ?? 0 });
  }
  return BigInt.asIntN(64, value);
}
