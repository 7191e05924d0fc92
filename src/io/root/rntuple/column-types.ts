/** Column types of RNTuple: number on disk, name. Source: BinaryFormatSpecification.md "Column Description". */

const NAMES = [
  'Bit',
  'Byte',
  'Char',
  'Int8',
  'UInt8',
  'Int16',
  'UInt16',
  'Int32',
  'UInt32',
  'Int64',
  'UInt64',
  'Real16',
  'Real32',
  'Real64',
  'Index32',
  'Index64',
  'Switch',
  'SplitInt16',
  'SplitUInt16',
  'SplitInt32',
  'SplitUInt32',
  'SplitInt64',
  'SplitUInt64',
  'SplitReal16',
  'SplitReal32',
  'SplitReal64',
  'SplitIndex32',
  'SplitIndex64',
  'Real32Trunc',
  'Real32Quant',
] as const;

/** Name of a column type; types of later versions have none and are named by number. */
export function columnTypeName(type: number): string {
  return NAMES[type] ?? `type ${type}`;
}

/** Least and most bits of an element of a column type; undefined for types of later versions. */
export function columnTypeBits(type: number): readonly [least: number, most: number] | undefined {
  const name = NAMES[type];
  switch (name) {
    case undefined:
      return undefined;
    case 'Bit':
      return [1, 1];
    case 'Byte':
    case 'Char':
      return [8, 8];
    case 'Switch':
      return [96, 96];
    case 'Real32Trunc':
      return [10, 31];
    case 'Real32Quant':
      return [1, 32];
    default: {
      const bits = Number(/\d+$/.exec(name)?.[0]);
      return [bits, bits];
    }
  }
}

/** Bytes of a page of `elements` elements of `bits` bits once decompressed: elements are packed, the last byte is filled up. */
export function pageBytes(elements: number, bits: number): number {
  return Math.ceil((elements * bits) / 8);
}
