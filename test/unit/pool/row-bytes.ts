/** Bytes of POOL rows made by hand, as ROOT streams them: for tests. */
import { BigEndianWriter } from '../../../src/io/bytes/big-endian.ts';
import type { EntryBytes } from '../../../src/io/root/tree/branch-cursor.ts';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import type { StreamerInfo } from '../../../src/io/root/streamer/streamer-info.ts';
import { OFFSET_L, TypeCode } from '../../../src/io/root/streamer/type-codes.ts';
import { parseGuid } from '../../../src/io/pool/guid.ts';
import { columnsOfObject, type RowColumns } from '../../../src/io/pool/row-columns.ts';
import { element, info } from '../streamer/sample-infos.ts';

const stl = (name: string, typeName: string) => element(name, TypeCode.streamer, { typeName, storedSize: 0 });
const object = (name: string, typeName: string) => element(name, TypeCode.any, { typeName, storedSize: 0 });

/** Checksums of the element classes. */
export const CHECKSUMS = { elementP5: 0x898f_a007, full: 0x2055_76f0, db: 0xd161_d91f, object: 0x2090_1337 };

/** Layouts of the headers and forms of p5 and p6, as files describe them. */
export const LAYOUTS: Record<'headerP5' | 'formP5' | 'headerP6' | 'formP6', StreamerInfo> = {
  headerP5: info('DataHeader_p5', [
    stl('m_dataHeader', 'vector<DataHeaderElement_p5>'),
    stl('m_dhFormToken', 'string'),
    stl('m_dhFormMdx', 'string'),
  ]),
  formP5: info('DataHeaderForm_p5', [stl('m_map', 'vector<string>'), stl('m_uints', 'vector<vector<unsigned int> >')]),
  headerP6: info('DataHeader_p6', [
    element('m_commonDbIndex', TypeCode.uint),
    element('m_commonOID2', TypeCode.ulong64),
    stl('m_shortElements', 'vector<int>'),
    stl('m_fullElements', 'vector<DataHeader_p6::FullElement>'),
    element('m_provenanceSize', TypeCode.uint),
    stl('m_dhFormToken', 'string'),
  ]),
  formP6: info('DataHeaderForm_p6', [
    stl('m_dbRecords', 'vector<DataHeaderForm_p6::DbRecord>'),
    stl('m_objRecords', 'vector<DataHeaderForm_p6::ObjRecord>'),
    stl('m_objAlias', 'vector<vector<string> >'),
    element('m_version', TypeCode.uint),
    stl('m_processTag', 'string'),
  ]),
};

/** The classes in their vectors. */
export const INFOS: InfoSet = new InfoSet([
  info('DataHeaderElement_p5', [stl('m_token', 'string'), element('m_oid2', TypeCode.uint)], 1, CHECKSUMS.elementP5),
  info(
    'DataHeader_p6::FullElement',
    [element('oid2', TypeCode.ulong64), element('dbIdx', TypeCode.uint), element('objIdx', TypeCode.uint)],
    1,
    CHECKSUMS.full,
  ),
  info('DataHeaderForm_p6::DbRecord', [object('fid', 'Guid'), element('tech', TypeCode.uint)], 1, CHECKSUMS.db),
  info(
    'DataHeaderForm_p6::ObjRecord',
    [object('guid', 'Guid'), stl('cont', 'string'), stl('key', 'string'), element('clid', TypeCode.uint), element('oid1', TypeCode.long64)],
    1,
    CHECKSUMS.object,
  ),
  info('Guid', [element('m_data1', TypeCode.uint), element('m_data4', TypeCode.uchar + OFFSET_L, { arrayLength: 8 })]),
]);

/** Writes rows. */
export class RowWriter {
  readonly w: BigEndianWriter = new BigEndianWriter();

  /** Byte count and version around what `write` adds. */
  framed(version: number, write: () => void): this {
    const at = this.w.grow(4);
    this.w.u16(version);
    write();
    this.w.view.setUint32(at, 0x4000_0000 | (this.w.pos - at - 4));
    return this;
  }

  /** A vector of objects, member by member. */
  vector(checksum: number, count: number, write: () => void): this {
    return this.framed(0x4009, () => {
      this.w.u16(0);
      this.w.u32(checksum);
      this.w.i32(count);
      write();
    });
  }

  texts(texts: readonly string[]): this {
    return this.framed(9, () => texts.forEach((text) => this.w.tstring(text)));
  }

  guids(guids: readonly string[]): this {
    for (const guid of guids) {
      this.framed(0, () => {
        this.w.u32(0xae11_b9ea);
        this.w.raw(parseGuid(guid));
      });
    }
    return this;
  }

  long(value: bigint): this {
    const at = this.w.grow(8);
    this.w.view.setBigInt64(at, value);
    return this;
  }

  /** What was written as an entry that begins `lead` bytes into its basket. */
  entry(lead = 3): EntryBytes {
    const data = new Uint8Array(lead + this.w.pos);
    data.set(this.w.done(), lead);
    return { branch: 7, basket: 1, data, start: lead, end: data.length };
  }

  columns(layout: StreamerInfo): RowColumns {
    return columnsOfObject(this.entry(), layout, INFOS);
  }
}
