/** Gives many records new places at once: the work of `checkKeyImage` and `patchSeeks` for each, in a WebAssembly kernel. */
import { codecMemory, deflateModule } from '../../codec/wasm.ts';
import { MIN_IMAGE_BYTES } from './key-scan.ts';
import type { KeyTable } from './key-table.ts';

/** `struct places` of wasm/shim/keys.c: ten u32, of which these are no addresses, and two f64. */
const [FIRST, COUNT, PACKED, PID_OFFSET, INTEGERS] = [6, 7, 8, 9, 10];

/** What a block has room for. */
interface BlockViews {
  /** The records, as in the input with gaps between them; after `place` without. */
  readonly run: Uint8Array;
  /** Images of the records' keys, one after the other. */
  readonly images: Uint8Array;
  /** Where each record starts in `run`, and its image in `images`; there also where the last one ends. */
  readonly at: Uint32Array;
  readonly imageAt: Uint32Array;
  /** fNbytes of each record, and the cycle it gets. */
  readonly bytes: Uint32Array;
  readonly cycle: Uint32Array;
  readonly integers: Uint32Array;
  readonly offsets: Float64Array;
}

/** Room in the codecs' memory for the records of a run and the images of their keys; to be disposed of. */
export class RecordBlock implements Disposable {
  readonly #runBytes: number;
  readonly #start: number;
  #views: BlockViews;

  /** `runBytes`: most bytes of a run. */
  constructor(runBytes: number) {
    this.#runBytes = runBytes;
    this.#start = codecMemory().alloc(layOut(runBytes, 0).end);
    this.#views = this.#attach();
  }

  /** Views of the memory as it is: one that grew leaves those from before empty. */
  #attach(): BlockViews {
    const { buffer } = codecMemory().u8;
    const { addresses, most, integersAt, offsetsAt } = layOut(this.#runBytes, this.#start);
    const column = (n: number, count: number): Uint32Array => new Uint32Array(buffer, addresses[n], count);
    const views: BlockViews = {
      run: new Uint8Array(buffer, addresses[0], this.#runBytes),
      images: new Uint8Array(buffer, addresses[1], this.#runBytes),
      at: column(2, most),
      imageAt: column(3, most + 1),
      bytes: column(4, most),
      cycle: column(5, most),
      integers: new Uint32Array(buffer, integersAt, INTEGERS),
      offsets: new Float64Array(buffer, offsetsAt, 2),
    };
    views.integers.set(addresses);
    return views;
  }

  /** Begins a run of records, which will start at file offset `position` of the output. */
  begin(run: Uint8Array, position: number): void {
    if (this.#views.run.buffer !== codecMemory().u8.buffer) this.#views = this.#attach();
    this.#views.run.set(run);
    this.#views.imageAt[0] = 0;
    this.#views.integers[PACKED] = 0;
    this.#views.offsets[0] = position;
  }

  /** Lists the keys of records from `n` on, all of one table, and the cycles they get; keys are listed in the order of their records. */
  list(n: number, keys: KeyTable, key: Uint32Array, cycle: Uint32Array): void {
    const { images, imageAt } = this.#views;
    this.#views.cycle.set(cycle, n);
    let end = imageAt[n] as number;
    for (let i = 0; i < key.length;) {
      const first = key[i] as number;
      let next = first;
      for (; i < key.length && key[i] === next; next++, i++) {
        end += (keys.imageAt[next + 1] as number) - (keys.imageAt[next] as number);
        imageAt[n + i + 1] = end;
      }
      const bytes = keys.bytes.subarray(keys.imageAt[first], keys.imageAt[next]);
      images.set(bytes, end - bytes.length);
    }
  }

  /** Says where records from `n` on lie, as file offsets of the input; `start` is that of the run. */
  setRecords(n: number, position: Float64Array, start: number, bytes: Int32Array): void {
    this.#views.bytes.set(bytes, n);
    for (let i = 0; i < position.length; i++) this.#views.at[n + i] = (position[i] as number) - start;
  }

  /**
   * Moves records [from, to) together and gives them and their images their places, in a directory at `seekPdir`. False when the
   * header of one is not what its image says; then nothing in the block is of use.
   */
  place(from: number, to: number, seekPdir: number, pidOffset: number): boolean {
    const { integers, offsets } = this.#views;
    [integers[FIRST], integers[COUNT], integers[PID_OFFSET], offsets[1]] = [from, to, pidOffset, seekPdir];
    return deflateModule().placeRecords(integers.byteOffset) === to;
  }

  /** The records that are in place, a view until the next run begins. */
  get placed(): Uint8Array {
    return this.#views.run.subarray(0, this.#views.integers[PACKED]);
  }

  /** The images, and where each starts: views until the next run begins. */
  get images(): { bytes: Uint8Array; at: Uint32Array } {
    return { bytes: this.#views.images, at: this.#views.imageAt };
  }

  [Symbol.dispose](): void {
    codecMemory().free(this.#start);
  }
}

/** Addresses inside a block at `start`: of run, images and columns, in the order of `struct places`, and of the struct itself. */
function layOut(
  runBytes: number,
  start: number,
): { addresses: number[]; most: number; integersAt: number; offsetsAt: number; end: number } {
  const most = Math.ceil(runBytes / MIN_IMAGE_BYTES);
  const sizes = [runBytes, runBytes, 4 * most, 4 * (most + 1), 4 * most, 4 * most, 4 * INTEGERS, 16];
  const addresses: number[] = [];
  let end = start;
  for (const size of sizes) {
    addresses.push(end);
    end += Math.ceil(size / 8) * 8;
  }
  const [integersAt, offsetsAt] = addresses.splice(6) as [number, number];
  return { addresses, most, integersAt, offsetsAt, end };
}
