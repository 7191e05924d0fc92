/** Files written by real ROOT: every object is understood, encodes to its own bytes, and layout programs agree with the walker. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { objectPath, openRootFile } from '../../../src/io/root/root-file.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import type { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import { compileLayout, frameVersion } from '../../../src/io/root/streamer/layout.ts';
import { arrayOf } from '../../../src/io/root/streamer/member-list.ts';
import { bootstrapInfos, parseInfoSet } from '../../../src/io/root/streamer/parse-infos.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { fixture } from '../../scratch.ts';

interface Stored {
  what: string;
  payload: Uint8Array;
  keylen: number;
  className: string;
  infos: InfoSet;
}

function objectsOf(name: string): Stored[] {
  const file = openRootFile(fixture(name));
  const record = file.readInfos();
  const infos = record === undefined ? bootstrapInfos() : parseInfoSet(record.payload, record.key.keylen);
  const objects = file.directories.flatMap((directory) =>
    Array.from({ length: directory.keys.count }, (_, i) => i)
      .filter((i) => !directory.children.has(i))
      .map((i) => {
        const { key, payload } = file.readObject(directory, i);
        return { what: objectPath(directory, i), payload, keylen: key.keylen, className: key.className, infos };
      }),
  );
  file.close();
  return objects;
}

const files = readdirSync(fixture('.')).filter((name) => name.endsWith('.root'));
const ADDITIVE = [
  'fArray',
  'fSumw2',
  'fBinEntries',
  'fBinSumw2',
  'fEntries',
  'fTsumw',
  'fTsumw2',
  'fTsumwx',
  'fTsumwx2',
  'fTsumwy',
  'fTsumwy2',
  'fTsumwxy',
  'fBuffer',
];

describe.each(files)('%s', (name) => {
  const objects = objectsOf(name);

  it('encodes to its bytes, also by way of another key length', () => {
    for (const { what, payload, keylen, className, infos } of objects) {
      const graph = walkObject(payload, keylen, className, infos);
      expect(Buffer.compare(encodeGraph(graph, { keylen }), payload), what).toBe(0);
      expect(graph.opaque, what).toEqual([]);
      const moved = walkObject(encodeGraph(graph, { keylen: keylen + 8 }), keylen + 8, className, infos);
      expect(Buffer.compare(encodeGraph(moved, { keylen }), payload), what).toBe(0);
    }
  });

  it('has histograms whose additive spans a layout program finds as the walker does', () => {
    for (const { what, payload, keylen, className, infos } of objects.filter((o) => /^(TH[123]|TProfile)/.test(o.className))) {
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      const layout = compileLayout(infos, className, frameVersion(view, 0, payload.length), ADDITIVE);
      const out = new Int32Array(2 * (layout?.spans.length ?? 0));
      expect(layout?.scan(view, 0, payload.length, out), what).toBe(true);
      const { root } = walkObject(payload, keylen, className, infos);
      const found = layout?.spans.map((span, k) => ({ members: span.members, start: out[2 * k], count: out[2 * k + 1], type: span.type }));
      const walked = layout?.spans.map(({ members }) => {
        const arrays = members.map((path) => arrayOf(root, path));
        return { members, start: arrays[0]?.start, count: arrays.reduce((sum, a) => sum + (a?.count ?? 0), 0), type: arrays[0]?.type };
      });
      expect(found, what).toEqual(walked);
    }
  });
});
