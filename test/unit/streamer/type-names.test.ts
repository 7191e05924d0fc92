import { describe, expect, it } from 'vitest';
import { storedSize } from '../../../src/io/root/streamer/streamer-info.ts';
import { TypeCode, basicSize, basicTypeOf } from '../../../src/io/root/streamer/type-codes.ts';
import { parseTypeName, plainName } from '../../../src/io/root/streamer/type-name.ts';
import { pairPlan, valueTypeOf } from '../../../src/io/root/streamer/value-type.ts';

describe('type names', () => {
  it('are taken apart at the outer level', () => {
    expect(parseTypeName('const std::map<string, vector<pair<int,float> > >*')).toEqual({
      text: 'map<string, vector<pair<int,float> > >',
      template: 'map',
      args: ['string', 'vector<pair<int,float> >'],
      pointer: true,
    });
    expect(parseTypeName('TList*')).toEqual({ text: 'TList', template: 'TList', args: [], pointer: true });
  });

  it('agree however ROOT or C++ name the basic types', () => {
    expect(plainName('Pair<Int_t, Long64_t >')).toBe(plainName('Pair<int,long long>'));
    expect(plainName('Pair<Int_t>')).not.toBe(plainName('Pair<UInt_t>'));
  });

  it('say how values of collections are stored', () => {
    expect(valueTypeOf('vector<vector<UShort_t> >')).toMatchObject({
      kind: 'sequence',
      inner: [{ kind: 'sequence', inner: [{ kind: 'basic', width: 2 }] }],
    });
    expect(valueTypeOf('map<TString,TNamed*>')).toMatchObject({
      kind: 'map',
      inner: [
        { kind: 'class', className: 'TString' },
        { kind: 'pointer', className: 'TNamed' },
      ],
    });
    expect(valueTypeOf('bitset<16>')).toMatchObject({ kind: 'sequence', inner: [{ type: TypeCode.bool, width: 1 }] });
    expect(pairPlan('pair<int,vector<float> >')?.steps.map((step) => step.kind)).toEqual(['run', 'stl']);
    expect(pairPlan('TNamed')).toBeNull();
  });
});

describe('widths in the buffer', () => {
  it('of basic types', () => {
    const names = [
      'Bool_t',
      'char',
      'Short_t',
      'unsigned int',
      'Long_t',
      'Float_t',
      'Double_t',
      'Double32_t',
      'Float16_t',
      'ULong64_t',
      'TNamed',
    ];
    expect(names.map((name) => basicSize(basicTypeOf(name)))).toEqual([1, 1, 2, 4, 8, 4, 8, 4, 3, 8, 0]);
  });

  it.each([
    [TypeCode.double32, 'plain', 0, 4],
    [TypeCode.double32, '[0,0,8] bits only', 0x40, 3],
    [TypeCode.double32, '[0,100,16] range', 0x40, 4],
    [TypeCode.double32, '[-pi,twopi] range', 0x40, 4],
    [TypeCode.float16, 'plain', 0, 3],
    [TypeCode.float16, '[0,10] range', 0x40, 4],
    [40 + TypeCode.double32, '[fN][0,0,10] counted', 0x40, 3],
    [40 + TypeCode.double32, '[fN] counted', 0, 4],
    [20 + TypeCode.double32, '[0,1] fixed', 0x40, 4],
    [TypeCode.int, '[0,1]', 0x40, 4],
  ])('of type %i with title "%s"', (type, title, bits, width) => {
    expect(storedSize(type, title, bits)).toBe(width);
  });
});
