/** A merged file with two layouts of one class version: its objects are there byte by byte, and mean something else to readers. */
import { describe, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { InfoUnion } from '../../../src/io/root/streamer/info-union.ts';
import { parseInfoSet } from '../../../src/io/root/streamer/parse-infos.ts';
import { TypeCode } from '../../../src/io/root/streamer/type-codes.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { putSmallFile, type SmallObject } from '../../small-file.ts';

interface Contents {
  object: SmallObject;
  infos: Buffer;
  keylen: number;
}

/** A FixtureNamed (ClassDef, version 2: a name, `int number`, a string), and the infos of its file. */
function contents(): Contents {
  using file = openRootFile(fixture('unknown_0.root'));
  const index = Array.from({ length: file.root.keys.count }, (_, k) => k).find((k) => file.root.keys.name(k) === 'named') ?? -1;
  const record = file.readInfos();
  if (record === undefined) throw new Error('no infos');
  const object = { className: 'FixtureNamed', name: 'named', payload: file.readObject(file.root, index).payload.slice() };
  return { object, infos: Buffer.from(record.payload), keylen: record.key.keylen };
}

/** The infos with `char number` in place of `int number`, under another checksum. */
function changed({ infos, keylen }: Contents): Buffer {
  const out = Buffer.from(infos);
  const { checksum } = parseInfoSet(infos, keylen)
    .list()
    .find(({ className }) => className === 'FixtureNamed') ?? { checksum: 0 };
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(checksum);
  const at = out.indexOf(sum);
  out.writeUInt32BE(checksum ^ 1, at);
  const [int, char] = [Buffer.from([0, 0, 0, TypeCode.int, 0, 0, 0, 4]), Buffer.from([0, 0, 0, TypeCode.char, 0, 0, 0, 1])];
  char.copy(out, out.indexOf(int, out.indexOf('\u0006number', at, 'latin1')));
  return out;
}

function union(keylen: number, ...payloads: readonly Buffer[]): InfoUnion {
  const infos = new InfoUnion();
  for (const payload of payloads) infos.add(payload, keylen);
  return infos;
}

describe('an object of the second layout of its file', () => {
  it('is called altered where the input described it by the first', async () => {
    using scratch = new Scratch();
    const from = contents();
    const input = putSmallFile(scratch.path('in.root'), [from.object], { infos: union(from.keylen, from.infos) });
    const wrong = putSmallFile(scratch.path('wrong.root'), [from.object], { infos: union(from.keylen, changed(from), from.infos) });
    const { objects } = await diffMerged(wrong, [input]);
    expect(
      objects.map(({ path, verdict, differences }) => [
        path,
        verdict,
        differences.map((each) => each.at),
        differences.map((each) => each.left),
      ]),
    ).toEqual([['/named', 'altered', [';1'], ['"FixtureNamed version 2 in a layout that is not the first of the file"']]]);
  });

  it('is right where readers know it: as the first layout, or as the input had it', async () => {
    using scratch = new Scratch();
    const from = contents();
    const input = putSmallFile(scratch.path('in.root'), [from.object], { infos: union(from.keylen, from.infos) });
    const first = putSmallFile(scratch.path('first.root'), [from.object], { infos: union(from.keylen, from.infos, changed(from)) });
    const second = putSmallFile(scratch.path('second.root'), [from.object], { infos: union(from.keylen, changed(from), from.infos) });
    expect((await diffMerged(first, [input])).objects.map(({ verdict }) => verdict)).toEqual(['right']);
    expect((await diffMerged(second, [second])).objects.map(({ verdict }) => verdict)).toEqual(['right']);
  });
});
