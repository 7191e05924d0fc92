/** How the columns of a tree are stored: leaf classes, and the values in a basket. */
import type { BasicColumnType } from '../column.ts';

/** How ROOT stores a basic type. */
export interface BasicLayout {
  leafClass: string;
  /** Letter in the branch's title. */
  letter: string;
  /** Bytes of a value. */
  width: number;
  unsigned: boolean;
  /** fClassName and fCheckSum of a std::vector of it, as ROOT 6 writes them. */
  vector: readonly [name: string, checksum: number];
  put: (view: DataView, at: number, value: number | bigint) => void;
}

const putInt8 = (view: DataView, at: number, value: number | bigint): void => view.setInt8(at, Number(value));
const putInt16 = (view: DataView, at: number, value: number | bigint): void => view.setInt16(at, Number(value));
const putInt32 = (view: DataView, at: number, value: number | bigint): void => view.setInt32(at, Number(value));
const putFloat32 = (view: DataView, at: number, value: number | bigint): void => view.setFloat32(at, Number(value));
const putFloat64 = (view: DataView, at: number, value: number | bigint): void => view.setFloat64(at, Number(value));

function putInt64(view: DataView, at: number, value: number | bigint): void {
  if (typeof value === 'number' && value >= 0 && value < 2 ** 53) {
    view.setUint32(at, Math.floor(value / 2 ** 32));
    view.setUint32(at + 4, value % 2 ** 32);
  } else view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)));
}

/** The basic types. Leaf classes and letters: ROOT tree/tree/src/TTree.cxx (Branch), TLeaf*.cxx. */
export const BASIC_LAYOUTS: Readonly<Record<BasicColumnType, BasicLayout>> = {
  bool: { leafClass: 'TLeafO', letter: 'O', width: 1, unsigned: false, vector: ['bool', 29_929_751], put: putInt8 },
  int8: { leafClass: 'TLeafB', letter: 'B', width: 1, unsigned: false, vector: ['char', 29_929_535], put: putInt8 },
  uint8: { leafClass: 'TLeafB', letter: 'b', width: 1, unsigned: true, vector: ['unsigned char', 728_903_898], put: putInt8 },
  int16: { leafClass: 'TLeafS', letter: 'S', width: 2, unsigned: false, vector: ['short', 89_793_095], put: putInt16 },
  uint16: { leafClass: 'TLeafS', letter: 's', width: 2, unsigned: true, vector: ['unsigned short', 2_186_716_184], put: putInt16 },
  int32: { leafClass: 'TLeafI', letter: 'I', width: 4, unsigned: false, vector: ['int', 9_976_712], put: putInt32 },
  uint32: { leafClass: 'TLeafI', letter: 'i', width: 4, unsigned: true, vector: ['unsigned int', 3_106_279_697], put: putInt32 },
  int64: { leafClass: 'TLeafL', letter: 'L', width: 8, unsigned: false, vector: ['Long64_t', 2_424_165_566], put: putInt64 },
  uint64: { leafClass: 'TLeafL', letter: 'l', width: 8, unsigned: true, vector: ['ULong64_t', 2_977_495_147], put: putInt64 },
  float32: { leafClass: 'TLeafF', letter: 'F', width: 4, unsigned: false, vector: ['float', 89_790_107], put: putFloat32 },
  float64: { leafClass: 'TLeafD', letter: 'D', width: 8, unsigned: false, vector: ['double', 269_370_212], put: putFloat64 },
};
/** fClassName and fCheckSum of the classes stored as one string or a vector of them. */
export const STRING_CLASS: readonly [string, number] = ['string', 1_852_773_892];
/** The same of a vector of strings. */
export const STRING_VECTOR: readonly [string, number] = ['vector<string>', 269_382_332];
