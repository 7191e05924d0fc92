/** The check of a written RNTuple finds what is wrong with it, whoever made it so. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, VerificationError } from '../../../src/errors.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { BLOB_KEY_BYTES } from '../../../src/io/root/rntuple/blob.ts';
import { merge } from '../../../src/merge/merge.ts';
import { verifyRNTuple } from '../../../src/merge/rntuple/verify-rntuple.ts';
import { Scratch } from '../../scratch.ts';
import { openTuple, sample } from './tuple-contents.ts';

async function merged(scratch: Scratch): Promise<string> {
  const output = scratch.path('merged.root');
  await merge([sample('ixvw'), sample('wvix')], { output });
  return output;
}

function verify(path: string, entries = 80): void {
  using file = openRootFile(path);
  verifyRNTuple(file, file.root, 0, { entries });
}

describe('verifyRNTuple', () => {
  it('accepts our output', async () => {
    using scratch = new Scratch();
    const output = await merged(scratch);
    expect(() => verify(output)).not.toThrow();
  });

  it('refuses another number of entries than was planned', async () => {
    using scratch = new Scratch();
    const output = await merged(scratch);
    expect(() => verify(output, 81)).toThrow(VerificationError);
    expect(() => verify(output, 81)).toThrow(/planned 81, found 80/);
  });

  it('follows the blobs', async () => {
    using scratch = new Scratch();
    const bytes = readFileSync(await merged(scratch));
    const { file, tuple } = openTuple(scratch.path('merged.root'));
    file.close();
    const keyAt = tuple.anchor.footer.offset - BLOB_KEY_BYTES;
    const shorter = Buffer.from(bytes);
    shorter.writeInt32BE(shorter.readInt32BE(keyAt) - 1, keyAt);
    expect(() => verify(scratch.put('shorter.root', shorter))).toThrow(/reach beyond their RBlob record/);
    const renamed = Buffer.from(bytes);
    renamed.write('RBlop', keyAt + 35, 'latin1');
    expect(() => verify(scratch.put('renamed.root', renamed))).toThrow(/do not begin behind an RBlob key: expected RBlob, found RBlop/);
  });

  it('reads every envelope', async () => {
    using scratch = new Scratch();
    const bytes = readFileSync(await merged(scratch));
    const { file, tuple } = openTuple(scratch.path('merged.root'));
    file.close();
    const at = (tuple.footer.clusterGroups[0]?.pageList.offset as number) + 20;
    bytes[at] = (bytes[at] as number) ^ 0x40;
    expect(() => verify(scratch.put('damaged.root', bytes))).toThrow(CorruptFileError);
  });
});
