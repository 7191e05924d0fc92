/** What the WebAssembly kernel of key lists works on. */
import { codecMemory, deflateModule } from '../../codec/wasm.ts';

/** What the kernel gets at once: memory of the codecs never shrinks. */
const BLOCK_BYTES = 0x2_0000;
const BLOCK_KEYS = 4096;

/** Room in the codecs' memory for a part of a list and its columns, as `scanKeys` of wasm/shim/keys.c takes them. */
export class KeyScanBlock {
  /** Five u32 columns, one of i32, one of f64, the addresses of these (seven u32), and what is found (four u32, two f64). */
  static readonly BYTES: number = BLOCK_BYTES + BLOCK_KEYS * (6 * 4 + 8) + 32 + 32;
  readonly imageAt: Uint32Array;
  readonly nameAt: Uint32Array;
  readonly nameBytes: Uint32Array;
  readonly runKey: Uint32Array;
  readonly runClassAt: Uint32Array;
  readonly nbytes: Int32Array;
  readonly seekKey: Float64Array;
  readonly #list: Uint8Array;
  readonly #addresses: Uint32Array;
  readonly #found: Uint32Array;
  readonly #range: Float64Array;

  constructor(start: number) {
    const { buffer } = codecMemory().u8;
    const columns = start + BLOCK_BYTES;
    const column = (n: number): Uint32Array => new Uint32Array(buffer, columns + n * BLOCK_KEYS * 4, BLOCK_KEYS);
    const seekAt = columns + BLOCK_KEYS * 6 * 4;
    const addressesAt = seekAt + BLOCK_KEYS * 8;
    this.#list = new Uint8Array(buffer, start, BLOCK_BYTES);
    [this.imageAt, this.nameAt, this.nameBytes, this.runKey, this.runClassAt] = [column(0), column(1), column(2), column(3), column(4)];
    this.nbytes = new Int32Array(buffer, column(5).byteOffset, BLOCK_KEYS);
    this.seekKey = new Float64Array(buffer, seekAt, BLOCK_KEYS);
    this.#addresses = new Uint32Array(buffer, addressesAt, 7);
    this.#found = new Uint32Array(buffer, addressesAt + 32, 4);
    this.#range = new Float64Array(buffer, addressesAt + 48, 2);
    this.#addresses.set([0, 1, 2, 3, 4, 5].map((n) => column(n).byteOffset));
    this.#addresses[6] = seekAt;
  }

  /** Scans at most `count` keys from position `at` of the list. */
  scan(list: Uint8Array, at: number, count: number, lowestSeek: number, highestEnd: number): KeyScanFindings {
    const bytes = Math.min(BLOCK_BYTES, list.length - at);
    this.#list.set(list.subarray(at, at + bytes));
    this.#range.set([lowestSeek, highestEnd]);
    const start = this.#list.byteOffset;
    deflateModule().scanKeys(start, bytes, at, Math.min(count, BLOCK_KEYS), this.#addresses.byteOffset, this.#found.byteOffset);
    const [keys, scanned, runs, irregular] = this.#found as unknown as [number, number, number, number];
    const [lowest, highest] = this.#range as unknown as [number, number];
    return { keys, bytes: scanned, runs, isIrregular: irregular !== 0, lowestSeek: lowest, highestEnd: highest };
  }
}

/** What one call of the kernel found. */
export interface KeyScanFindings {
  /** Keys scanned and their bytes; sequences of keys with one class name. */
  keys: number;
  bytes: number;
  runs: number;
  /** As in `KeyColumns`; the first of this call alone, the others of all calls. */
  isIrregular: boolean;
  lowestSeek: number;
  highestEnd: number;
}
