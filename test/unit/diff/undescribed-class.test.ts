/** Objects and branches whose bytes are right, in a file that lacks the description of their class: nobody can read them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';

/** A merge whose streamer info of a class is that of another name. */
async function withoutClass(output: string, className: string, inputs: readonly string[]): Promise<void> {
  await merge(inputs, { output, compression: 0, force: true });
  using file = openRootFile(output);
  const { seekInfo, nbytesInfo } = file.header;
  const bytes = readFileSync(output);
  const record = bytes.subarray(Number(seekInfo), Number(seekInfo) + nbytesInfo);
  record.write(record.toString('latin1').replaceAll(className, `${className.slice(0, -1)}X`), 'latin1');
  writeFileSync(output, bytes);
}

it('are called altered, by the name of the class', async () => {
  using scratch = new Scratch();
  const output = scratch.path('out.root');
  const inputs = [0, 1].map((i) => fixture(`unknown_${i}.root`));
  await withoutClass(output, 'FixturePod', inputs);
  const { objects } = await diffMerged(output, inputs);
  const what = '"FixturePod, which the file does not describe"';
  expect(
    objects.filter(({ verdict }) => verdict !== 'right').map(({ path, verdict, differences }) => [path, verdict, differences[0]?.left]),
  ).toEqual([
    ['/pod', 'altered', what],
    ['/tree', 'altered', what],
  ]);
});
