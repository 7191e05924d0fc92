/** Our blocks read by real ROOT, its blocks read by us, and integer bins added by both. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernels } from '../../src/io/codec/kernels.ts';
import { compress, decompress } from '../../src/io/codec/payload.ts';
import { codecMemory } from '../../src/io/codec/wasm.ts';
import { contents } from '../unit/codec/sample-data.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const SCRIPT = fileURLToPath(new URL('oracle/codec_check.py', import.meta.url));

interface Reply {
  unzip: number[];
  zip: number[];
  add: number[];
}

const SIZES = [257, 943, 20_001, 1_000_000];
const LARGE = 20 * 2 ** 20;
const payloads = [...SIZES, LARGE].map((size) => contents(size, size));
const settings = [100, 200, 400, 500].flatMap((hundreds) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((level) => hundreds + level));
/** Every setting with every small size; one setting per algorithm for the payload of two blocks. */
const cases = settings.flatMap((setting) =>
  payloads.map((payload, index) => ({ setting, payload, index })).filter(({ payload }) => payload.length < LARGE || setting % 100 === 1),
);

const I32 = 2 ** 31 - 1;
const sums: [className: string, width: number, a: number, b: number][] = [
  ...[
    [126, 1],
    [127, 1],
    [-128, 0],
    [-127, -1],
    [0, -128],
    [5, -7],
  ].map(([a, b]) => ['TH1C', 1, a, b] as [string, number, number, number]),
  ...[
    [32_766, 1],
    [32_767, 1],
    [-32_768, 0],
    [-32_767, -1],
    [0, -32_768],
    [5, -7],
  ].map(([a, b]) => ['TH1S', 2, a, b] as [string, number, number, number]),
  ...[
    [I32 - 1, 1],
    [1, I32 - 1],
    [1 - I32, -1],
    [I32, 0],
    [0, I32],
    [I32, 1],
    [-I32 - 1, 0],
    [-I32 - 1, I32],
    [0, -I32 - 1],
    [5, -7],
  ].map(([a, b]) => ['TH1I', 4, a, b] as [string, number, number, number]),
  ...[
    [2 ** 52, 2 ** 52],
    [-(2 ** 52), 1],
    [5, -7],
  ].map(([a, b]) => ['TH1L', 8, a, b] as [string, number, number, number]),
];

let folder = '';
let reply: Reply;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'codec-root-'));
  payloads.forEach((payload, index) => writeFileSync(join(folder, `payload-${index}`), payload));
  const unzip = cases.map(({ setting, payload, index }) => {
    const stored = `ours-${setting}-${index}`;
    writeFileSync(join(folder, stored), compress(setting, payload));
    return { stored, object: `${stored}.object`, bytes: payload.length };
  });
  const zip = cases.map(({ setting, index }) => ({ object: `payload-${index}`, stored: `root-${setting}-${index}`, setting }));
  const add = sums.map(([className, , a, b]) => [className, a, b]);
  writeFileSync(join(folder, 'job.json'), JSON.stringify({ unzip, zip, add }));
  const { status, stderr } = spawnSync(PYTHON, [SCRIPT, folder], { encoding: 'utf8', timeout: 110_000 });
  expect(status, stderr).toBe(0);
  reply = JSON.parse(readFileSync(join(folder, 'reply.json'), 'utf8')) as Reply;
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string): Uint8Array => readFileSync(join(folder, name));

describe('blocks', () => {
  it('ours are read by ROOT', () => {
    expect(reply.unzip).toEqual(cases.map(({ payload }) => payload.length));
    for (const { setting, payload, index } of cases) {
      expect(Buffer.compare(read(`ours-${setting}-${index}.object`), payload), `${setting} ${index}`).toBe(0);
    }
  });

  it('of ROOT are read by us', () => {
    for (const [i, { setting, payload, index }] of cases.entries()) {
      expect(reply.zip[i], `${setting} ${index}`).toBeGreaterThan(0);
      const object = decompress(read(`root-${setting}-${index}`), payload.length);
      expect(Buffer.compare(object, payload), `${setting} ${index}`).toBe(0);
    }
  });

  it('ours are not much larger than ROOT’s', () => {
    const total = (of: (i: number) => number, hundreds: number): number =>
      cases.reduce((sum, { setting }, i) => sum + (Math.floor(setting / 100) * 100 === hundreds ? of(i) : 0), 0);
    for (const hundreds of [100, 200, 400, 500]) {
      const ours = total((i) => read(`ours-${cases[i]?.setting}-${cases[i]?.index}`).length, hundreds);
      const theirs = total((i) => reply.zip[i] as number, hundreds);
      expect(ours / theirs, `setting ${hundreds}`).toBeLessThan(1.02);
    }
  });
});

it('integer bins add up to what TH1::Merge gives', () => {
  const memory = codecMemory();
  const ours = sums.map(([, width, a, b]) => {
    const at = memory.alloc(16);
    const set = (to: number, value: number): void => {
      if (width === 8) memory.view.setBigInt64(to, BigInt(value));
      else if (width === 4) memory.view.setInt32(to, value);
      else if (width === 2) memory.view.setInt16(to, value);
      else memory.view.setInt8(to, value);
    };
    set(at, a);
    set(at + 8, b);
    const { addI8, addI16, addI32, addI64 } = kernels();
    const add = { 1: addI8, 2: addI16, 4: addI32, 8: addI64 }[width];
    add?.(at, at + 8, 1);
    if (width === 8) return Number(memory.view.getBigInt64(at));
    if (width === 4) return memory.view.getInt32(at);
    return width === 2 ? memory.view.getInt16(at) : memory.view.getInt8(at);
  });
  expect(ours).toEqual(reply.add);
});
