/** Copies many records at once: what `InputCopier` does for one record after the other, in a WebAssembly kernel. */
import { wasmAvailable } from '../../io/codec/wasm.ts';
import { RecordBlock } from '../../io/root/container/record-block.ts';
import type { OutputDirectory } from '../../io/root/root-file-writer.ts';
import { RUN_BYTES } from '../copy-runs.ts';
import type { InputFile } from '../inputs.ts';
import type { ExecuteContext } from '../merger.ts';
import { stretches } from './copy-list.ts';
import type { CopyRows } from './copy-rows.ts';

/** Runs of fewer records are not worth the call. */
const MIN_RECORDS = 32;

/** Places the runs of one input; to be disposed of. */
export class RunPlacer implements Disposable {
  readonly #ctx: ExecuteContext;
  readonly #input: InputFile;
  readonly #rows: CopyRows;
  readonly #block: RecordBlock;

  constructor(ctx: ExecuteContext, input: InputFile, rows: CopyRows) {
    this.#ctx = ctx;
    this.#input = input;
    this.#rows = rows;
    this.#block = new RecordBlock(RUN_BYTES);
  }

  /** A placer where one is of use; undefined without WebAssembly. */
  static of(ctx: ExecuteContext, input: InputFile, rows: CopyRows): RunPlacer | undefined {
    return rows.count >= MIN_RECORDS && wasmAvailable() ? new RunPlacer(ctx, input, rows) : undefined;
  }

  /** As `RecordVisitor.visitRun`; undefined too where a record does not agree with the key list. */
  place(run: Uint8Array, first: number, stop: number, newPosition: number): Uint8Array | undefined {
    if (stop - first < MIN_RECORDS) return undefined;
    const { target, key, cycle, position, bytes } = this.#rows;
    const start = position[first] as number;
    this.#block.begin(run, newPosition);
    const parts = [...stretches(this.#ctx.plan, target, first, stop, this.#input.index)];
    for (const { from, to, node, directory } of parts) {
      const [a, b] = [from - first, to - first];
      this.#block.list(a, node.keys, key.subarray(from, to), cycle.subarray(from, to));
      this.#block.setRecords(a, position.subarray(from, to), start, bytes.subarray(from, to));
      if (!this.#block.place(a, b, this.#output(directory).seekDir, this.#input.pidOffset)) return undefined;
    }
    for (const { from, to, directory } of parts) this.#keepImages(from, to, first, directory);
    return this.#block.placed;
  }

  #keepImages(from: number, to: number, first: number, directory: number): void {
    const { target, slot, bytes } = this.#rows;
    const { bytes: images, at } = this.#block.images;
    this.#output(directory).images.setRun(slot.subarray(from, to), images, at.subarray(from - first, to - first + 1));
    const { bytesCopied } = this.#ctx.outcomes;
    for (let i = from; i < to; i++) {
      const keylen = (at[i - first + 1] as number) - (at[i - first] as number);
      bytesCopied[target[i] as number]! += (bytes[i] as number) - keylen;
    }
  }

  #output(directory: number): OutputDirectory {
    return this.#ctx.directories[directory] as OutputDirectory;
  }

  [Symbol.dispose](): void {
    this.#block[Symbol.dispose]();
  }
}
