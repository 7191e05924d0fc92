/** Column types of RNTuple: number on disk, name. Source: BinaryFormatSpecification.md "Column Description". */

const NAMES = [
  'Bit', 'Byte', 'Char', 'Int8', 'UInt8', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64', 'UInt64',
  'Real16', 'Real32', 'Real64', 'Index32', 'Index64', 'Switch',
  'SplitInt16', 'SplitUInt16', 'SplitInt32', 'SplitUInt32', 'SplitInt64', 'SplitUInt64',
  'SplitReal16', 'SplitReal32', 'SplitReal64', 'SplitIndex32', 'SplitIndex64', 'Real32Trunc', 'Real32Quant',
] as const;

/** Name of a column type; types of later versions have none and are named by number. */
export function columnTypeName(type: number): string {
  return NAMES[type] ?? `type ${type}`;
}

/** Bytes of a page of `elements` elements of `bits` bits once decompressed: elements are packed, the last byte is filled up. */
export function pageBytes(elements: number, bits: number): number {
  return Math.ceil((elements * bits) / 8);
}
