import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AbortedError, CorruptFileError } from '../../../src/errors.ts';
import { RUN_BYTES, copyRecords, type RecordColumns } from '../../../src/merge/copy-runs.ts';
import type { Source } from '../../../src/io/bytes/source.ts';
import { Progress } from '../../../src/merge/progress.ts';
import { SparseSink, memorySource } from '../../sparse-file.ts';

/** A record of a source: bytes before it that belong to nobody, and its length. */
interface Piece {
  gap: number;
  length: number;
}

function contentOf(pieces: readonly Piece[]): { content: Uint8Array; columns: RecordColumns } {
  const columns = { count: pieces.length, position: new Float64Array(pieces.length), bytes: new Float64Array(pieces.length) };
  let end = 100;
  pieces.forEach(({ gap, length }, i) => {
    columns.position[i] = end + gap;
    columns.bytes[i] = length;
    end += gap + length;
  });
  const content = new Uint8Array(end + 50);
  for (let i = 0; i < content.length; i++) content[i] = (i * 31 + (i >> 7)) & 0xff;
  return { content, columns };
}

/** Copies through the visitor that overwrites each record's first byte by its number, and checks what the visitor is told. */
async function copy(pieces: readonly Piece[], whole = false, start = 1000): Promise<{ sink: SparseSink; expected: Buffer; reads: number }> {
  const { content, columns } = contentOf(pieces);
  const sink = new SparseSink();
  sink.append(new Uint8Array(start));
  const source = memorySource(content);
  let reads = 0;
  const readInto = source.readInto.bind(source);
  source.readInto = (...args) => (reads++, readInto(...args)); // reads ahead come here too
  const visited: number[] = [];
  await copyRecords(
    source,
    sink,
    columns,
    {
      visit: (buffer, view, at, record, newPosition) => {
        visited.push(record);
        const [from, length] = [columns.position[record] as number, columns.bytes[record] as number];
        const shown = whole ? length : Math.min(length, RUN_BYTES);
        expect(Buffer.compare(buffer.subarray(at, at + shown), content.subarray(from, from + shown))).toBe(0);
        expect(newPosition).toBe(start + pieces.slice(0, record).reduce((sum, p) => sum + p.length, 0));
        expect(view.buffer).toBe(buffer.buffer);
        if (length > 0) buffer[at] = record;
      },
    },
    { progress: new Progress(), whole },
  );
  expect(visited).toEqual(pieces.map((_, i) => i));
  const parts = pieces.map((_, i) => {
    const part = Buffer.from(
      content.subarray(columns.position[i] as number, (columns.position[i] as number) + (columns.bytes[i] as number)),
    );
    if (part.length > 0) part[0] = i;
    return part;
  });
  return { sink, expected: Buffer.concat([new Uint8Array(start), ...parts]), reads };
}

async function expectCopied(pieces: readonly Piece[], whole = false): Promise<number> {
  const { sink, expected, reads } = await copy(pieces, whole);
  expect(Buffer.compare(sink.toBytes(), expected)).toBe(0);
  return reads;
}

describe('records copied in runs', () => {
  it('arrive one after the other, changed by the visitor, whatever their lengths and gaps', async () => {
    const piece = fc.record({
      gap: fc.oneof(fc.constant(0), fc.nat(100), fc.integer({ min: 16_300, max: 16_500 }), fc.integer({ min: 20_000, max: 60_000 })),
      length: fc.oneof(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 50_000, max: 900_000 }),
        fc.integer({ min: RUN_BYTES - 3000, max: RUN_BYTES + 3000 }),
        fc.constant(2 * RUN_BYTES + 70_001),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.boolean(), async (pieces, whole) => void (await expectCopied(pieces, whole))),
      { numRuns: 40 },
    );
  });

  it('that are neighbours are read at once', async () => {
    expect(await expectCopied(Array.from({ length: 200 }, () => ({ gap: 0, length: 1000 })))).toBe(1);
    expect(await expectCopied(Array.from({ length: 200 }, () => ({ gap: 10, length: 1000 })))).toBe(1);
  });

  it('that are far apart are read one by one, without what lies between', async () => {
    expect(await expectCopied(Array.from({ length: 5 }, () => ({ gap: 100_000, length: 1000 })))).toBe(5);
  });

  it('larger than a run are streamed', async () => {
    expect(await expectCopied([{ gap: 0, length: 3 * RUN_BYTES + 5 }])).toBe(4);
  });

  it('that must be whole are read whole', async () => {
    expect(
      await expectCopied(
        [
          { gap: 0, length: 3 * RUN_BYTES + 5 },
          { gap: 0, length: 10 },
        ],
        true,
      ),
    ).toBe(2);
  });

  it('none at all are nothing', async () => {
    expect(await expectCopied([])).toBe(0);
  });

  it.each([
    [
      'in one run',
      [
        { gap: 0, length: 100 },
        { gap: -1, length: 100 },
      ],
    ],
    [
      'after a large one',
      [
        { gap: 0, length: RUN_BYTES + 1 },
        { gap: -1, length: 100 },
      ],
    ],
    [
      'before a large one',
      [
        { gap: 0, length: 100 },
        { gap: -1, length: RUN_BYTES + 1 },
      ],
    ],
    [
      'at one place',
      [
        { gap: 0, length: 100 },
        { gap: -100, length: 100 },
      ],
    ],
  ])('that overlap (%s) are an error', async (_, pieces) => {
    const err: unknown = await copy(pieces).catch((reason: unknown) => reason);
    expect(err).toBeInstanceOf(CorruptFileError);
    expect(err).toMatchObject({ reason: expect.stringContaining('records overlap') as string, file: 'memory.root' });
  });

  it('beyond the end of the source are an error', async () => {
    const columns = { count: 1, position: Float64Array.of(90), bytes: Float64Array.of(20) };
    const copying = copyRecords(
      memorySource(new Uint8Array(100)),
      new SparseSink(),
      columns,
      { visit: () => {} },
      { progress: new Progress() },
    );
    await expect(copying).rejects.toThrow(CorruptFileError);
  });
});

/** A source whose reads ahead fail, some time later; `ended` when all of them have. */
function failingAhead(content: Uint8Array, reason: Error): { source: Source; ended: () => boolean } {
  const source = memorySource(content);
  let [begun, ended] = [0, 0];
  source.readIntoAhead = async () => {
    begun++;
    await new Promise((resolve) => setTimeout(resolve, 20 * begun));
    ended++;
    throw reason;
  };
  return { source, ended: () => begun > 0 && ended === begun };
}

describe('copies at the same time', () => {
  it('do not see the bytes of each other', async () => {
    const [few, many] = [
      [
        { gap: 0, length: RUN_BYTES },
        { gap: 7, length: RUN_BYTES },
      ],
      Array.from({ length: 5 }, () => ({ gap: 20_000, length: RUN_BYTES - 500 })),
    ];
    await Promise.all([expectCopied(few), expectCopied(many), expectCopied(few, true), expectCopied([{ gap: 30, length: 200 }])]);
  });
});

describe('a read ahead', () => {
  const pieces = Array.from({ length: 4 }, () => ({ gap: 0, length: RUN_BYTES - 100 }));

  it('that fails is the error of the copying', async () => {
    const { content, columns } = contentOf(pieces);
    const { source } = failingAhead(content, new CorruptFileError('short read'));
    await expect(copyRecords(source, new SparseSink(), columns, { visit: () => {} }, { progress: new Progress() })).rejects.toThrow(
      'short read',
    );
  });

  it('has ended before an error of the visitor gets out: its buffer is used again', async () => {
    const { content, columns } = contentOf(pieces);
    const { source, ended } = failingAhead(content, new CorruptFileError('short read'));
    const visit = (): never => {
      throw new CorruptFileError('bad header');
    };
    await expect(copyRecords(source, new SparseSink(), columns, { visit }, { progress: new Progress() })).rejects.toThrow('bad header');
    expect(ended()).toBe(true);
  });
});

describe('the signal', () => {
  it('stops the copying between runs', async () => {
    const controller = new AbortController();
    const { content, columns } = contentOf(Array.from({ length: 8 }, () => ({ gap: 0, length: RUN_BYTES - 1 })));
    let visited = 0;
    const slow = (): void => {
      visited++;
      controller.abort();
      const until = performance.now() + 45;
      while (performance.now() < until);
    };
    const copying = copyRecords(
      memorySource(content),
      new SparseSink(),
      columns,
      { visit: slow },
      { progress: new Progress(undefined, controller.signal) },
    );
    await expect(copying).rejects.toThrow(AbortedError);
    expect(visited).toBeLessThan(5);
  });
});
