/**
 * A stored datatype as a text that says all of it, whatever version it is encoded in: equal texts, equal types.
 * h5wasm's description leaves out some of that: tags of opaque types, numbers that do not use all of their bits, floats
 * other than IEEE's, dimensions of arrays, the sign of enums. Source: HDF5 file format specification, "The Datatype
 * Message".
 *
 *   u8    class, version << 4
 *   u24   bits that mean something else in each class
 *   u32   bytes of an element
 *   …     properties of the class; those of compound, enum, sequence and array hold datatypes themselves
 */

/** Names padded to multiples of this up to version 2. */
const NAME_UNIT = 8;

/** Reads one datatype; `at` is behind it afterwards. */
interface Cursor {
  bytes: Buffer;
  at: number;
}

/** What the first eight bytes say. */
interface Head {
  version: number;
  bits: number;
  size: number;
}

/** What the texts of such numbers hold. */
const UNUSUAL_NUMBERS = / bits from bit | \(normalization /;

/** True when a text tells of numbers that do not use all of their bits, or of floats that are not IEEE's. */
export function hasUnusualNumbers(text: string): boolean {
  return UNUSUAL_NUMBERS.test(text);
}

/** The text of a datatype message. A class that is not known is told by its bytes. */
export function datatypeText(message: Uint8Array): string {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
  try {
    return typeAt({ bytes, at: 0 });
  } catch (err) {
    if (err instanceof RangeError) return bytes.toString('hex');
    throw err;
  }
}

function typeAt(c: Cursor): string {
  const first = c.bytes.readUInt8(c.at);
  const head: Head = { version: first >> 4, bits: c.bytes.readUIntLE(c.at + 1, 3), size: c.bytes.readUInt32LE(c.at + 4) };
  c.at += 8;
  const read = CLASSES[first & 15];
  if (read === undefined) throw new RangeError('unknown class');
  return read(c, head);
}

/** By number: fixed point, floating point, time, string, bit field, opaque, compound, reference, enum, variable length, array. */
const CLASSES: readonly ((c: Cursor, head: Head) => string)[] = [
  fixedPoint,
  floatingPoint,
  time,
  string,
  bitField,
  opaque,
  compound,
  reference,
  enumeration,
  variableLength,
  array,
];

const orderOf = (bits: number): string => ((bits & 1) === 0 ? '' : ' big-endian');

function take(c: Cursor, bytes: number): number {
  const value = c.bytes.readUIntLE(c.at, bytes);
  c.at += bytes;
  return value;
}

/** Offset and number of the bits in use, where not all are. */
function bitsInUse(c: Cursor, { size, bits }: Head): string {
  const [offset, precision] = [take(c, 2), take(c, 2)];
  return precision === 8 * size ? '' : ` of ${precision} bits from bit ${offset}, padding ${(bits >> 1) & 3}`;
}

function fixedPoint(c: Cursor, head: Head): string {
  return `${(head.bits & 8) === 0 ? 'uint' : 'int'}${8 * head.size}${orderOf(head.bits)}${bitsInUse(c, head)}`;
}

/** Of IEEE's formats: bytes, then positions and sizes of sign, exponent and mantissa, and the bias. */
const IEEE: ReadonlySet<string> = new Set(['2:15,10,5,0,10,15', '4:31,23,8,0,23,127', '8:63,52,11,0,52,1023']);

function floatingPoint(c: Cursor, head: Head): string {
  const { bits, size } = head;
  const used = bitsInUse(c, head);
  const parts = [(bits >> 8) & 255, take(c, 1), take(c, 1), take(c, 1), take(c, 1), take(c, 4)].join();
  const isIeee = IEEE.has(`${size}:${parts}`) && ((bits >> 4) & 3) === 2;
  return `float${8 * size}${(bits & 0x40) === 0 ? orderOf(bits) : ' VAX'}${used}${isIeee ? '' : ` (normalization ${(bits >> 4) & 3}, sign, exponent, mantissa, bias ${parts})`}`;
}

function time(c: Cursor, { bits, size }: Head): string {
  return `time of ${take(c, 2)} bits in ${size} bytes${orderOf(bits)}`;
}

function string(_: Cursor, { bits, size }: Head): string {
  return `text of ${size} bytes, padding ${bits & 15}, character set ${(bits >> 4) & 15}`;
}

function bitField(c: Cursor, head: Head): string {
  return `bits${8 * head.size}${orderOf(head.bits)}${bitsInUse(c, head)}`;
}

function opaque(c: Cursor, { bits, size }: Head): string {
  return `opaque of ${size} bytes ${JSON.stringify(textOf(c, bits & 255))}`;
}

/** A text in a field of so many bytes, up to its first zero. */
function textOf(c: Cursor, fieldBytes: number): string {
  if (c.at + fieldBytes > c.bytes.length) throw new RangeError('text reaches beyond its message');
  const field = c.bytes.subarray(c.at, c.at + fieldBytes);
  c.at += fieldBytes;
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? fieldBytes : end);
}

/** A name that ends with a zero, and padding in older versions. */
function nameOf(c: Cursor, version: number): string {
  const end = c.bytes.indexOf(0, c.at);
  if (end < 0) throw new RangeError('name without end');
  const name = c.bytes.toString('utf8', c.at, end);
  c.at = version >= 3 ? end + 1 : c.at + Math.ceil((end + 1 - c.at) / NAME_UNIT) * NAME_UNIT;
  return JSON.stringify(name);
}

function compound(c: Cursor, { version, bits, size }: Head): string {
  const offsetBytes = version >= 3 ? bytesOf(size) : 4;
  const members = Array.from({ length: bits & 0xffff }, () => {
    const name = nameOf(c, version);
    const offset = take(c, offsetBytes);
    const dimensions = version === 1 ? oldDimensions(c) : '';
    return `${name}@${offset}: ${typeAt(c)}${dimensions}`;
  });
  return `{${members.join(', ')}} of ${size} bytes`;
}

/** Bytes a number up to `limit` is stored in. */
function bytesOf(limit: number): number {
  if (limit < 0x100) return 1;
  if (limit < 0x1_0000) return 2;
  return limit < 0x100_0000 ? 3 : 4;
}

/** Version 1: a member may be an array of up to four dimensions. */
function oldDimensions(c: Cursor): string {
  const rank = take(c, 1);
  c.at += 11;
  const dimensions = [take(c, 4), take(c, 4), take(c, 4), take(c, 4)].slice(0, rank);
  return rank === 0 ? '' : ` [${dimensions.join()}]`;
}

function reference(_: Cursor, { bits, size }: Head): string {
  return `reference of kind ${bits & 15} in ${size} bytes`;
}

function enumeration(c: Cursor, { version, bits, size }: Head): string {
  const base = typeAt(c);
  const names = Array.from({ length: bits & 0xffff }, () => nameOf(c, version));
  const values = names.map(() => {
    const value = c.bytes.toString('hex', c.at, c.at + size);
    c.at += size;
    return value;
  });
  return `enum of ${base} {${names
    .map((name, i) => `${name}=${values[i]}`)
    .toSorted()
    .join(', ')}}`;
}

function variableLength(c: Cursor, { bits }: Head): string {
  const base = typeAt(c);
  // A text of any length has a padding, too, but nothing that is padded.
  return (bits & 15) === 1 ? `text of any length, character set ${(bits >> 8) & 15}` : `sequences of ${base}`;
}

function array(c: Cursor, { version }: Head): string {
  const rank = take(c, 1);
  if (version < 3) c.at += 3;
  const dimensions = Array.from({ length: rank }, () => take(c, 4));
  if (version < 3) c.at += 4 * rank; // a permutation that was never used
  return `${typeAt(c)} [${dimensions.join()}]`;
}
