/** Packed reals and nested collections in the bytes of an entry. */
import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import type { ColumnArrays } from '../../../src/io/root/column-arrays.ts';
import { packingOf } from '../../../src/io/root/streamer/streamer-info.ts';
import { TypeCode } from '../../../src/io/root/streamer/type-codes.ts';
import { ItemReader, arrayBuilder, basicForm, fixedForm, nestedForm, type ItemForm } from '../../../src/io/root/tree/item-form.ts';

function read(form: ItemForm | undefined, hex: string): ColumnArrays {
  if (form === undefined) throw new Error('no form');
  const data = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const builder = arrayBuilder(form);
  expect(new ItemReader(form, builder).read(data, 0, data.length)).toBe(data.length);
  return builder.done(0, 1);
}

describe('packing in titles', () => {
  it.each([
    ['', TypeCode.double32, { low: 0, factor: 0, bits: 0 }],
    ['', TypeCode.float16, { low: 0, factor: 0, bits: 12 }],
    ['x[0,10,16]', TypeCode.double32, { low: 0, factor: 6553.6, bits: 0 }],
    ['x[n][-1,1,2]', TypeCode.float16, { low: -1, factor: 2, bits: 0 }],
    ['[0,2]', TypeCode.double32, { low: 0, factor: 0xffff_ffff / 2, bits: 0 }],
    ['[-pi, pi, 8] angle', TypeCode.double32, { low: -Math.PI, factor: 256 / (2 * Math.PI), bits: 0 }],
    ['[0,0,8]', TypeCode.double32, { low: 0, factor: 0, bits: 8 }],
    ['[0,0,16]', TypeCode.float16, { low: 0, factor: 0, bits: 12 }],
    ['[0,0,16]', TypeCode.double32, { low: 0, factor: 0, bits: 0 }],
    ['x[2][3][0,1,8]', TypeCode.double32, { low: 0, factor: 0, bits: 0 }],
  ])('%s', (title, type, packing) => {
    expect(packingOf(title, type)).toEqual(packing);
  });
});

describe('reals', () => {
  it('of a range are u32 steps from its lower end', () => {
    expect(read(basicForm(TypeCode.double32, '[-1,1,8]'), '00000040').values).toEqual(Float64Array.of(-0.5));
    expect(read(basicForm(TypeCode.float16, '[0,10,10]'), '00000200').values).toEqual(Float32Array.of(5));
  });

  it('of some bits are an exponent and a mantissa with the sign above it', () => {
    expect(read(basicForm(TypeCode.float16), '7f 0800').values).toEqual(Float32Array.of(1.5)); // 1 + 0x800 / 2^12
    expect(read(basicForm(TypeCode.float16), '7f 2000').values).toEqual(Float32Array.of(-1));
    expect(read(basicForm(TypeCode.double32, '[0,0,8]'), '80 0080').values).toEqual(Float64Array.of(3));
  });

  it('without either are floats', () => {
    expect(read(basicForm(TypeCode.double32), '3fc00000')).toMatchObject({ type: 'float64', values: Float64Array.of(1.5) });
  });
});

it('bits of objects that are referenced have a process id behind them', () => {
  expect(read({ kind: 'rest', item: basicForm(TypeCode.bits) as ItemForm }, '03000000 03000010 0001 00000008')).toMatchObject({
    type: 'uint32',
    levels: [Int32Array.of(0, 3)],
    values: Uint32Array.of(0x300_0000, 0x300_0010, 8),
  });
});

describe('collections', () => {
  it('inside of others have a length each', () => {
    const hex = '00000002 00000001 0007 00000002 0008 fff7';
    expect(read(nestedForm('vector<std::list<short> >'), hex)).toMatchObject({
      type: 'int16',
      levels: [Int32Array.of(0, 2), Int32Array.of(0, 1, 3)],
      values: Int16Array.of(7, 8, -9),
    });
    expect(read(nestedForm('vector<vector<string>>'), '00000001 00000002 0161 00')).toMatchObject({
      type: 'string',
      levels: [Int32Array.of(0, 1), Int32Array.of(0, 2)],
      values: ['a', ''],
    });
    expect(read({ kind: 'rest', item: fixedForm([2], { kind: 'text' }) }, '0161 0162 0163 00')).toMatchObject({
      levels: [Int32Array.of(0, 2), 2],
      values: ['a', 'b', 'c', ''],
    });
  });

  it('of classes, maps and pointers are not understood', () => {
    for (const type of ['vector<Jet>', 'map<int,float>', 'vector<TObject*>', 'bitset<8>']) expect(nestedForm(type)).toBeUndefined();
  });

  it('that do not fit are named', () => {
    const form = nestedForm('vector<float>') as ItemForm;
    expect(() => new ItemReader(form, arrayBuilder(form)).read(Buffer.from('00000002ffffffff', 'hex'), 0, 8)).toThrow(CorruptFileError);
    const rest: ItemForm = { kind: 'rest', item: { kind: 'basic', type: 'int32', width: 4 } };
    expect(() => new ItemReader(rest, arrayBuilder(rest)).read(new Uint8Array(6), 0, 6)).toThrow('entry has a part of a value');
  });
});
