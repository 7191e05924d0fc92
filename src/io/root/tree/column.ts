/** Columns of a tree that a program writes: their types, and how a value is stored in a basket. */
import { UsageError } from '../../../errors.ts';

/** Types of single values. int64 and uint64 take bigint, too. */
export type BasicColumnType = 'bool' | 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64';
/** `text` is a character array (leaf type C), `string` a std::string. */
export type ColumnType = BasicColumnType | 'text' | 'string' | `vector<${BasicColumnType | 'string'}>`;

/** What to write under one name. */
export interface ColumnSpec {
  name: string;
  type: ColumnType;
  title?: string;
  /** Fixed array: number of values in each dimension. */
  shape?: readonly number[];
  /** Array of varying length: the column, an integer declared before, that holds the length. */
  counter?: string;
}

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

/** Values of one entry of one column. */
export type ColumnValue = number | bigint | boolean | string | ArrayLike<number | bigint | boolean> | readonly string[];

/** The element type of `vector<…>`, or undefined. */
export function vectorItem(type: ColumnType): BasicColumnType | 'string' | undefined {
  return /^vector<(\w+)>$/.exec(type)?.[1] as BasicColumnType | 'string' | undefined;
}

/** UsageError for columns that cannot be written together. */
export function checkColumns(columns: readonly ColumnSpec[]): void {
  const known = new Map<string, ColumnSpec>();
  for (const column of columns) {
    const { name, type, shape, counter } = column;
    const basic = type in BASIC_LAYOUTS;
    const item = vectorItem(type);
    if (!basic && type !== 'text' && type !== 'string' && item !== 'string' && !(item !== undefined && item in BASIC_LAYOUTS)) throw new UsageError(`column ${name} has the unknown type ${type}`);
    if (name === '' || known.has(name)) throw new UsageError(`column name ${JSON.stringify(name)} is empty or used twice`);
    if (!basic && (shape !== undefined || counter !== undefined)) throw new UsageError(`column ${name}: arrays of ${type} are not written`);
    if (shape?.some((length) => !Number.isInteger(length) || length < 1) === true) throw new UsageError(`column ${name}: lengths of an array must be positive`);
    if (counter !== undefined) checkCounter(name, known.get(counter), counter);
    known.set(name, column);
  }
}

function checkCounter(name: string, counter: ColumnSpec | undefined, counterName: string): void {
  if (counter === undefined) throw new UsageError(`column ${name}: its counter ${counterName} must be declared before it`);
  const single = counter.shape === undefined && counter.counter === undefined;
  if (!single || !/^u?int(8|16|32)$/.test(counter.type)) throw new UsageError(`column ${name}: its counter ${counterName} must be a single integer of at most 32 bits`);
}
