import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RootFile, type DirectoryNode } from '../../../src/io/root/root-file.ts';
import { groupByName, type NameGroups } from '../../../src/merge/plan/match.ts';
import { objString, smallFile } from '../../small-file.ts';
import { memorySource } from '../../sparse-file.ts';

/** The root directory of a file that holds objects of these names. */
function nodeOf(names: readonly (string | Uint8Array)[]): DirectoryNode {
  return new RootFile(memorySource(smallFile(names.map((name) => objString(name, ''))))).root;
}

/** Groups as lists of `input:key`. */
function members(groups: NameGroups): string[][] {
  return Array.from({ length: groups.count }, (_, g) => {
    const [from, to] = [groups.start[g] as number, groups.start[g + 1] as number];
    return Array.from({ length: to - from }, (__, k) => `${groups.input[from + k]}:${groups.key[from + k]}`);
  });
}

/** What a Map says: groups in order of first appearance, members in input and key order. */
function expected(inputs: readonly (readonly Uint8Array[] | undefined)[]): string[][] {
  const groups = new Map<string, string[]>();
  inputs.forEach((names, input) =>
    names?.forEach((name, key) => {
      const group = groups.get(Buffer.from(name).toString('latin1'));
      if (group === undefined) groups.set(Buffer.from(name).toString('latin1'), [`${input}:${key}`]);
      else group.push(`${input}:${key}`);
    }),
  );
  return [...groups.values()];
}

describe('grouping by name', () => {
  const name = fc.oneof(
    fc.constantFrom('a', 'b', 'ab', 'ba', '', 'h1', 'h2').map((s) => Uint8Array.from(Buffer.from(s))),
    fc.uint8Array({ maxLength: 6 }),
    fc.uint8Array({ minLength: 250, maxLength: 260 }),
  );

  it('equals what a Map says, for any names in any order, repeated or missing', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.array(name, { maxLength: 15 }), { nil: undefined }), { maxLength: 6 }), (inputs) => {
        const nodes = inputs.map((names) => (names === undefined ? undefined : nodeOf(names)));
        expect(members(groupByName(nodes))).toEqual(expected(inputs));
      }),
      { numRuns: 100 },
    );
  });

  it('holds for many names: the table grows, equal hashes do not mix', () => {
    const names = Array.from({ length: 5000 }, (_, i) => Uint8Array.from(Buffer.from(`histogram_${(i * 7919) % 5000}`)));
    const inputs = [names, [...names].reverse(), names.slice(1000)];
    expect(members(groupByName(inputs.map(nodeOf)))).toEqual(expected(inputs));
  });

  it('of nothing is nothing', () => {
    expect(members(groupByName([]))).toEqual([]);
    expect(members(groupByName([undefined, nodeOf([])]))).toEqual([]);
  });

  it('tells apart names that differ in bytes only: Latin-1 and UTF-8 of one text', () => {
    expect(members(groupByName([nodeOf([Uint8Array.of(0xe9)]), nodeOf(['é'])]))).toEqual([['0:0'], ['1:0']]);
  });
});
