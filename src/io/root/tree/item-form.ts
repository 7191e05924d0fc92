/**
 * How values lie in the data of a basket:
 *
 *   basic    big-endian
 *   packed   Double32_t, Float16_t with a range or bits, see `Packing`
 *   text     TString: u8 length, or 255 and i32; then the bytes
 *   list     u32 number of items, then the items (collections inside of others, and the outermost behind its frame)
 *   fixed    so many items
 *   rest     items up to the end of the entry
 */
import { CorruptFileError } from '../../../errors.ts';
import { BigEndianReader } from '../../bytes/big-endian.ts';
import { ArrayBuilder, GrowingOffsets, type LevelBuilder, type ValueType } from '../column-arrays.ts';
import { packingOf, type Packing } from '../streamer/streamer-info.ts';
import { IS_REFERENCED, TypeCode, basicSize } from '../streamer/type-codes.ts';
import { parseTypeName } from '../streamer/type-name.ts';
import { valueTypeOf } from '../streamer/value-type.ts';

/** Form of one item. */
export type ItemForm =
  | { kind: 'basic'; type: ValueType; width: number }
  | { kind: 'packed'; type: 'float32' | 'float64'; width: number; packing: Packing }
  | { kind: 'text' }
  /** TObject::fBits: u32, and a u16 process id behind it where kIsReferenced is set. */
  | { kind: 'bits'; type: 'uint32' }
  | { kind: 'fixed'; count: number; item: ItemForm }
  | { kind: 'list'; item: ItemForm }
  | { kind: 'rest'; item: ItemForm };

const TYPES: ReadonlyMap<number, ValueType> = new Map<number, ValueType>([
  [TypeCode.bool, 'bool'],
  [TypeCode.char, 'int8'],
  [TypeCode.uchar, 'uint8'],
  [TypeCode.short, 'int16'],
  [TypeCode.ushort, 'uint16'],
  [TypeCode.int, 'int32'],
  [TypeCode.counter, 'int32'],
  [TypeCode.uint, 'uint32'],
  [TypeCode.long, 'int64'],
  [TypeCode.long64, 'int64'],
  [TypeCode.ulong, 'uint64'],
  [TypeCode.ulong64, 'uint64'],
  [TypeCode.float, 'float32'],
  [TypeCode.double, 'float64'],
]);

/** Form of a basic type; `title` may hold the range of a packed real. undefined for other types. */
export function basicForm(type: number, title = ''): ItemForm | undefined {
  if (type === TypeCode.double32 || type === TypeCode.float16) return packedForm(type, packingOf(title, type));
  if (type === TypeCode.bits) return { kind: 'bits', type: 'uint32' };
  const found = TYPES.get(type);
  return found === undefined ? undefined : { kind: 'basic', type: found, width: basicSize(type) };
}

function packedForm(type: number, packing: Packing): ItemForm {
  return {
    kind: 'packed',
    type: type === TypeCode.double32 ? 'float64' : 'float32',
    width: packing.factor === 0 && packing.bits > 0 ? 3 : 4,
    packing,
  };
}

/** Form of what stands inside a collection, by its C++ type; undefined for maps, classes, pointers. */
export function nestedForm(typeName: string): ItemForm | undefined {
  const { kind, className, type, inner } = valueTypeOf(typeName);
  if (kind === 'basic') return basicForm(type);
  if (kind === 'string' || className === 'TString') return { kind: 'text' };
  const [value] = inner;
  if (kind !== 'sequence' || value === undefined || parseTypeName(typeName).template === 'bitset') return undefined;
  const item = nestedForm(parseTypeName(typeName).args[0] ?? '');
  return item === undefined ? undefined : { kind: 'list', item };
}

/** Wraps a form into arrays of fixed dimensions, the outermost first. */
export function fixedForm(dimensions: readonly number[], item: ItemForm): ItemForm {
  return dimensions.reduceRight<ItemForm>((form, count) => ({ kind: 'fixed', count, item: form }), item);
}

/** Bytes of an item where they are always the same; 0 where they vary. */
export function formBytes(form: ItemForm): number {
  if (form.kind === 'basic' || form.kind === 'packed') return form.width;
  return form.kind === 'fixed' ? form.count * formBytes(form.item) : 0;
}

/** Something to read values of a form into. */
export function arrayBuilder(form: ItemForm): ArrayBuilder {
  const levels: LevelBuilder[] = [];
  let at = form;
  while (at.kind === 'fixed' || at.kind === 'list' || at.kind === 'rest') {
    levels.push(at.kind === 'fixed' ? at.count : new GrowingOffsets());
    at = at.item;
  }
  return new ArrayBuilder(at.kind === 'text' ? 'string' : at.type, levels);
}

/** Reads items of one form into a builder. */
export class ItemReader {
  readonly #form: ItemForm;
  readonly #builder: ArrayBuilder;
  readonly #offsets: GrowingOffsets[];

  constructor(form: ItemForm, builder: ArrayBuilder) {
    this.#form = form;
    this.#builder = builder;
    this.#offsets = builder.offsets;
  }

  /** Reads the item in [start, end) of a basket's data; returns where it ends. CorruptFileError where it does not fit. */
  read(data: Uint8Array, start: number, end: number): number {
    const reader = new BigEndianReader(data, start, end);
    this.#items(reader, this.#form, 1, 0);
    return reader.pos;
  }

  /** An entry without bytes: an empty text or collection. */
  readEmpty(): void {
    if (this.#form.kind === 'text') this.#builder.texts.push('');
    else this.#offsets[0]?.push(0);
  }

  /** Reads `count` items that follow each other; `depth`: offset levels around them. */
  #items(r: BigEndianReader, form: ItemForm, count: number, depth: number): void {
    switch (form.kind) {
      case 'basic': {
        const bytes = r.raw(count * form.width);
        return this.#builder.appendBigEndian(bytes, 0, bytes.length);
      }
      case 'packed':
        return unpackReals(r, form.packing, form.type, count, this.#builder);
      case 'bits':
        for (let i = 0; i < count; i++) this.#bits(r);
        return;
      case 'text':
        for (let i = 0; i < count; i++) this.#builder.texts.push(r.tstring());
        return;
      case 'fixed':
        return this.#items(r, form.item, count * form.count, depth);
      case 'list':
        for (let i = 0; i < count; i++) this.#list(r, form.item, r.u32(), depth);
        return;
      default:
        for (let i = 0; i < count; i++) this.#rest(r, form.item, depth);
    }
  }

  #bits(r: BigEndianReader): void {
    const bytes = r.raw(4);
    if (((bytes[3] as number) & IS_REFERENCED) !== 0) r.u16();
    this.#builder.appendBigEndian(bytes, 0, bytes.length);
  }

  #list(r: BigEndianReader, item: ItemForm, length: number, depth: number): void {
    const bytes = formBytes(item);
    if (length * Math.max(1, bytes) > r.remaining) {
      throw new CorruptFileError('collection does not fit its entry', {
        offset: r.pos,
        expected: `at most ${r.remaining} bytes`,
        found: length,
      });
    }
    this.#offsets[depth]?.push(length);
    this.#items(r, item, length, depth + 1);
  }

  #rest(r: BigEndianReader, item: ItemForm, depth: number): void {
    const bytes = formBytes(item);
    if (bytes > 0) {
      if (r.remaining % bytes !== 0) {
        throw new CorruptFileError('entry has a part of a value', {
          offset: r.pos,
          expected: `a multiple of ${bytes}`,
          found: r.remaining,
        });
      }
      return this.#list(r, item, r.remaining / bytes, depth);
    }
    let length = 0;
    for (; r.remaining > 0; length++) this.#items(r, item, 1, depth + 1);
    this.#offsets[depth]?.push(length);
  }
}

const FLOAT_BITS = new DataView(new ArrayBuffer(4));

/** Packed reals as Float32 or Float64 (TBufferFile::ReadFastArrayWithFactor, ReadFastArrayWithNbits). */
function unpackReals(
  r: BigEndianReader,
  { low, factor, bits }: Packing,
  type: 'float32' | 'float64',
  count: number,
  builder: ArrayBuilder,
): void {
  const width = type === 'float32' ? 4 : 8;
  for (let i = 0; i < count; i++) {
    const value = unpackReal(r, low, factor, bits);
    const at = builder.bytes.grow(width);
    if (width === 4) builder.bytes.view.setFloat32(at, value, true);
    else builder.bytes.view.setFloat64(at, value, true);
  }
}

function unpackReal(r: BigEndianReader, low: number, factor: number, bits: number): number {
  if (factor !== 0) return r.u32() / factor + low;
  return bits > 0 ? truncatedReal(r.u8(), r.u16(), bits) : floatOf(r.u32());
}

/** A float of 8 bits exponent and `bits` + 1 bits of mantissa, the sign above them. */
function truncatedReal(exponent: number, mantissa: number, bits: number): number {
  const value = floatOf((exponent << 23) | ((mantissa & ((1 << (bits + 1)) - 1)) << (23 - bits)));
  return (mantissa & (1 << (bits + 1))) === 0 ? value : -value;
}

function floatOf(bits: number): number {
  FLOAT_BITS.setUint32(0, bits >>> 0);
  return FLOAT_BITS.getFloat32(0);
}
