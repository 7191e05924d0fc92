/** Verification of a finished candidate: what is changed in it after writing is found, and nothing is committed. */
import { openSync, readFileSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/diagnostics.ts';
import { VerificationError } from '../../../src/errors.ts';
import { createSink } from '../../../src/io/bytes/sink.ts';
import type { FileHeader } from '../../../src/io/root/container/file-header.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { executePlan, type Written } from '../../../src/merge/execute.ts';
import { openInputs, type OpenInputs } from '../../../src/merge/open-inputs.ts';
import { planFiles, type PlannedMerge } from '../../../src/merge/plan-merge.ts';
import type { VerifyLevel } from '../../../src/merge/policy.ts';
import { Progress } from '../../../src/merge/progress.ts';
import { verifyOutput, type Verified } from '../../../src/merge/verify.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { POLICY } from '../histogram/sample-histograms.ts';

const scratch = new Scratch();
const progress = new Progress();
let open: OpenInputs;
let planned: PlannedMerge;
let written: Written;
let good: Buffer;

beforeAll(async () => {
  open = await openInputs(
    [0, 1, 2].map((n) => fixture(`worker_${n}.root`)),
    POLICY,
    progress,
  );
  const diagnostics = new Diagnostics();
  planned = planFiles(open.files, POLICY, diagnostics);
  using sink = createSink(scratch.path('out.root'));
  written = await executePlan({ ...planned, policy: POLICY, diagnostics, infos: open.infos, progress }, sink);
  good = readFileSync(sink.tempPath);
});
afterAll(() => {
  open[Symbol.dispose]();
  scratch[Symbol.dispose]();
});

/** Verifies the candidate with some bytes changed. */
async function verified(change: (bytes: Buffer) => void, verify: VerifyLevel = 'fast'): Promise<Verified> {
  const bytes = Buffer.from(good);
  change(bytes);
  const path = scratch.path('candidate.root');
  writeFileSync(path, bytes);
  return verifyOutput(path, { plan: planned.plan, written, infos: open.infos }, { ...POLICY, verify }, progress);
}

/** Places in the candidate. */
function places(): { header: FileHeader; listAt: number; imageAt: number; recordAt: number } {
  writeFileSync(scratch.path('good.root'), good);
  using file = openRootFile(scratch.path('good.root'));
  const { seekKeys } = file.root.record;
  const listAt = seekKeys + file.readKey(seekKeys).keylen;
  return { header: file.header, listAt, imageAt: listAt + (file.root.keys.imageAt[1] as number), recordAt: file.root.keys.seekKey(1) };
}

describe('a candidate', () => {
  it('as it was written agrees with the plan, at every level', async () => {
    const fast = await verified(() => {});
    const full = await verified(() => {}, 'full');
    expect(await verified(() => {}, 'none')).toEqual({ records: 0, objects: 0 });
    const keys = planned.plan.directories.reduce((sum, d) => sum + planned.plan.slotCount(d), 0);
    expect([fast.records, full.records]).toEqual([keys, keys]);
    expect(fast.objects).toBe(2);
    expect(full.objects).toBe(keys - planned.plan.directories.length + 1);
  });

  it.each<[string, (bytes: Buffer, at: ReturnType<typeof places>) => void]>([
    ['with another magic', (bytes) => bytes.writeUInt8(0, 0)],
    ['that says it is shorter', (bytes, { header }) => bytes.writeInt32BE(header.end - 1, 12)],
    ['that says it is longer', (bytes, { header }) => bytes.writeInt32BE(header.end + 1, 12)],
    ['without free segments', (bytes) => bytes.writeInt32BE(0, 16)],
    ['whose free segment begins inside its data', (bytes, { header }) => bytes.writeInt32BE(header.end - 1000, bytes.length - 8)],
    ['whose header has another length of the free segments', (bytes) => bytes.writeInt32BE(bytes.readInt32BE(20) - 1, 20)],
    ['whose header has another length of the infos', (bytes, { header }) => bytes.writeInt32BE(header.nbytesInfo - 1, 41)],
    ['whose infos are damaged', (bytes, { header }) => bytes.fill(0xff, header.seekInfo + 64 + 9, header.seekInfo + 64 + 40)],
    ['with one key less', (bytes, { listAt }) => bytes.writeInt32BE(bytes.readInt32BE(listAt) - 1, listAt)],
    ['with another cycle in the key list', (bytes, { imageAt }) => bytes.writeInt16BE(7, imageAt + 16)],
    ['with another length in a record', (bytes, { recordAt }) => bytes.writeInt32BE(bytes.readInt32BE(recordAt) + 1, recordAt)],
    [
      'with another object length in a record',
      (bytes, { recordAt }) => bytes.writeInt32BE(bytes.readInt32BE(recordAt + 6) + 1, recordAt + 6),
    ],
  ])('%s is refused', async (_, change) => {
    const at = places();
    await expect(verified((bytes) => change(bytes, at))).rejects.toThrow(VerificationError);
  });

  it('whose compressed objects are damaged is refused at level full, by name', async () => {
    writeFileSync(scratch.path('good.root'), good);
    using file = openRootFile(scratch.path('good.root'));
    const directory = file.directories.find((d) => d.path === '/monitoring/jets');
    const at = (directory?.keys.seekKey(0) ?? 0) + (directory?.keys.keylen(0) ?? 0);
    const err: unknown = await verified((bytes) => bytes.fill(0xff, at + 9, at + 40), 'full').catch((reason: unknown) => reason);
    expect(err).toBeInstanceOf(VerificationError);
    expect((err as Error).message).toContain('/monitoring/jets/pt');
  });

  it('whose tree counts other entries than were merged is refused by name', async () => {
    const tree = Array.from({ length: planned.plan.targets.count }, (_, t) => t).find((t) => planned.plan.path(t) === '/events') as number;
    const plannedEntries = planned.plan.entries.get(tree) as number;
    const path = scratch.path('candidate.root');
    writeFileSync(path, good);
    planned.plan.entries.set(tree, plannedEntries + 1);
    const verifying = verifyOutput(path, { plan: planned.plan, written, infos: open.infos }, POLICY, progress).finally(() =>
      planned.plan.entries.set(tree, plannedEntries),
    );
    await expect(verifying).rejects.toMatchObject({ code: 'VERIFICATION', message: expect.stringContaining('/events') as string });
  });

  it('with any byte changed in the fields its structure hangs on is refused', async () => {
    const { header, listAt } = places();
    const fields: [at: number, bytes: number][] = [
      [0, 4],
      [8, 16],
      [28, 4],
      [37, 8],
      [listAt, 4],
      [header.seekFree, 4],
    ]; // not fVersion, nfree, fUnits, fCompress, UUID
    for (const at of fields.flatMap(([start, bytes]) => Array.from({ length: bytes }, (_, k) => start + k))) {
      const flip = (bytes: Buffer): unknown => bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
      await expect(verified(flip), `byte ${at}`).rejects.toThrow(VerificationError);
    }
  });
});

describe('a merge whose candidate is changed behind its back', () => {
  it('ends with a VerificationError that names the file, before it is committed', async () => {
    const path = scratch.path('candidate.root');
    writeFileSync(path, good);
    const fd = openSync(path, 'r+');
    writeSync(fd, Buffer.from([0]), 0, 1, 0);
    closeSync(fd);
    await expect(verifyOutput(path, { plan: planned.plan, written, infos: open.infos }, POLICY, progress)).rejects.toMatchObject({
      code: 'VERIFICATION',
      file: path,
    });
  });
});
