import { describe, expect, it } from 'vitest';
import type { Field, Schema } from '../../../src/io/root/rntuple/schema.ts';
import { matchSchemas } from '../../../src/merge/rntuple/match-schemas.ts';
import { openTuple, sample } from './tuple-contents.ts';

function schemaOf(name: string): Schema {
  const { file, tuple } = openTuple(sample(name));
  file.close();
  return tuple.footer.schema;
}

function withField(schema: Schema, name: string, change: Partial<Field>): Schema {
  return { ...schema, fields: schema.fields.map((field) => (field.name === name ? { ...field, ...change } : field)) };
}

const first = schemaOf('ixvw');

describe('equal schemas', () => {
  it('need no mapping', () => {
    expect(matchSchemas(first, schemaOf('ixvw_more'))).toEqual({ sourceOf: undefined, recoders: undefined, differences: [] });
    expect(matchSchemas(first, withField(first, 'x', { description: 'other words', typeAlias: 'Float_t' })).differences).toEqual([]);
  });

  it('in another order are matched by name', () => {
    const { sourceOf, differences } = matchSchemas(first, schemaOf('wvix'));
    expect(differences).toEqual([]);
    // columns of i, x, v, v._0, word (2) in the first; of word (2), v, v._0, i, x in the second
    expect([...(sourceOf ?? [])]).toEqual([4, 5, 2, 3, 0, 1]);
  });

  it('may be stored split or plain', () => {
    const { recoders, differences } = matchSchemas(first, schemaOf('ixvw_0'));
    expect(differences).toEqual([]);
    // i, x, v, v._0, index of word, but not its characters
    expect(recoders?.map((r) => r !== undefined)).toEqual([true, true, true, true, true]);
  });

  it('may have been extended later, or at another entry', () => {
    expect(matchSchemas(schemaOf('late_0'), schemaOf('late_25')).differences).toEqual([]);
    expect(matchSchemas(schemaOf('late_15'), schemaOf('late_25')).differences).toEqual([]);
  });
});

describe('differences', () => {
  it.each([
    ['missing field', schemaOf('ixv'), ['field word is missing']],
    ['other type', schemaOf('x_double'), ['field x has type double, but float in the first input']],
    [
      'all of them',
      schemaOf('late_0'),
      ['x', 'v', 'word']
        .map((f) => `field ${f} is missing`)
        .concat(['late', 'lateVector', 'lateArray'].map((f) => `field ${f} is not in the first input`)),
    ],
    ['field version', withField(first, 'x', { fieldVersion: 1 }), ['field x has field version 1, but 0 in the first input']],
    ['type version', withField(first, 'v', { typeVersion: 3 }), ['field v has type version 3, but 0 in the first input']],
    ['role', withField(first, 'v', { role: 2 }), ['field v has structural role 2, but 1 in the first input']],
    ['checksum', withField(first, 'x', { typeChecksum: 5 }), ['field x has type checksum 5, but none in the first input']],
    ['array size', withField(first, 'x', { repetitions: 3 }), ['field x has array size 3, but 1 in the first input']],
  ])('are named: %s', (_, other, expected) => {
    expect(matchSchemas(first, other).differences).toEqual(expected);
  });

  it('of ranges, projections, alias columns, streamer infos', () => {
    const ranged = {
      ...first,
      columns: first.columns.map((c, id) => (id === 1 ? { ...c, type: 0x1d, bits: 12, range: [0, 1] as const } : c)),
    };
    expect(matchSchemas(first, ranged).differences).toEqual([
      'field x is stored as Real32Quant/12 in [0, 1], but as SplitReal32/32 in the first input',
    ]);
    const projected = schemaOf('projected');
    expect(matchSchemas(projected, projected).differences).toEqual([]);
    expect(matchSchemas(projected, schemaOf('projected_other')).differences).toEqual([
      'field y has projection source z, but x in the first input',
    ]);
    const misaliased = { ...projected, aliases: projected.aliases.map((a) => ({ ...a, physicalId: 0 })) };
    expect(matchSchemas(projected, misaliased).differences[0]).toMatch(/^field \S+ shows other columns than in the first input$/);
    const wider = { ...first, columns: first.columns.map((c, id) => (id === 0 ? { ...c, type: 0x09, bits: 64 } : c)) };
    expect(matchSchemas(first, wider).differences).toEqual(['field i is stored as Int64/64, but as SplitInt32/32 in the first input']);
    const streamed = schemaOf('streamed');
    const ofKind = (contentId: number): typeof streamed => ({
      ...streamed,
      extraTypeInfos: streamed.extraTypeInfos.map((x) => ({ ...x, contentId, typeName: 'T' })),
    });
    expect(matchSchemas(streamed, ofKind(0)).differences, 'streamer infos are united, not compared').toEqual([]);
    expect(matchSchemas(ofKind(1), ofKind(1)).differences).toEqual([]);
    expect(matchSchemas(streamed, ofKind(1)).differences).toEqual(['extra type information 1 of T differs from the first input']);
  });

  it('include names that occur twice', () => {
    const doubled = withField(first, 'x', { name: 'i' });
    expect(matchSchemas(first, doubled).differences).toContain('field i occurs twice');
  });
});
