/** An HDF5 file that is compared: what is in it; it is open only while values are read, so that thousands of files can be compared. */
import { UnreadableFileError, isPoolMergeError } from '../../errors.ts';
import { openSource } from '../../io/bytes/source.ts';
import { hasUnusualNumbers } from '../../io/hdf5/datatype-text.ts';
import { openHdf5, type Hdf5File } from '../../io/hdf5/hdf5-file.ts';
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { isBroken, loadHdf5, type Hdf5Extent } from '../../io/hdf5/hdf5-library.ts';
import { typeText } from '../../io/hdf5/hdf5-types.ts';
import { referenceTexts } from '../../io/hdf5/reference-texts.ts';
import { readStoredTypes } from '../../io/hdf5/stored-types.ts';
import { userBlockDigest } from '../../io/hdf5/user-block.ts';
import type { NumberBits, ReferenceName } from './leaves.ts';

/** What the type of a dataset says of extended reals, `long double` of x86: ten bytes, then six that mean nothing. */
const EXTENDED = /float128 of 80 bits from bit 0, padding \d \(normalization [^)]*\)/g;
/** Most files that are open at once. */
const MAX_OPEN = 32;

/** Files open for reading; the one used longest ago is closed for another. What has brought down the library is opened again. */
export class OpenHdf5Files implements Disposable {
  readonly #files = new Map<string, Hdf5File>();

  /**
   * Must be called before the first file is opened: what the library has failed on before, it would still show as it was then, as long as
   * any file is open in it. @throws UnreadableFileError, UnsupportedError
   */
  async prepare(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      sizeOf(path); // says clearly that it is not there
      await loadHdf5(path);
    }
  }

  /**
   * @param sizeBytes what it had when it was looked at
   * @throws CorruptFileError; UnreadableFileError, also when its size has changed; UnsupportedError when h5wasm is not installed
   */
  async open(path: string, sizeBytes?: number): Promise<Hdf5File> {
    const known = this.#files.get(path);
    this.#files.delete(path);
    const file = known === undefined || isBroken(known.library) ? await this.#openAgain(path, known, sizeBytes) : known;
    this.#files.set(path, file);
    const [oldest] = this.#files;
    if (this.#files.size > MAX_OPEN && oldest !== undefined) {
      this.#files.delete(oldest[0]);
      oldest[1].close();
    }
    return file;
  }

  async #openAgain(path: string, broken: Hdf5File | undefined, sizeBytes: number | undefined): Promise<Hdf5File> {
    broken?.close();
    if (sizeBytes !== undefined && sizeOf(path) !== sizeBytes) {
      throw new UnreadableFileError('changed while it was being compared', { file: path });
    }
    return openHdf5(path);
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) {
      try {
        file.close();
      } catch (err) {
        if (!isPoolMergeError(err)) throw err; // what is wrong with the file was told when it was read
      }
    }
    this.#files.clear();
  }
}

/** A file and what is in it. */
export class Hdf5Side {
  readonly path: string;
  /** By path; what has several names is all there under the first of them by its letters. */
  readonly objects: ReadonlyMap<string, Hdf5Object>;
  /** Digest of what stands ahead of the HDF5 file; empty for nothing. */
  readonly userBlock: string;
  /** Names what references in this file lead to: objects by path, of regions also which of their elements. */
  readonly nameOf: ReferenceName;
  readonly #files: OpenHdf5Files;
  readonly #types: ReadonlyMap<string, string>;
  readonly #sizeBytes: number;

  private constructor(path: string, files: OpenHdf5Files, found: readonly Hdf5Object[]) {
    this.path = path;
    this.#files = files;
    this.objects = byFirstName(found);
    const objects = [...this.objects.values()];
    this.userBlock = userBlockDigest(path);
    this.nameOf = referenceNames(path, objects);
    this.#types = readStoredTypes(path, objects);
    this.#sizeBytes = sizeOf(path);
  }

  /** Looks at a file. @throws CorruptFileError, UnreadableFileError, UnsupportedError */
  static async read(path: string, files: OpenHdf5Files): Promise<Hdf5Side> {
    const file = await files.open(path);
    return new Hdf5Side(path, files, file.objects());
  }

  /** The open file. It may be closed when others are opened. @throws UnreadableFileError when it has changed */
  open(): Promise<Hdf5File> {
    return this.#files.open(this.path, this.#sizeBytes);
  }

  /** Type of a dataset's elements in all detail; as far as the library tells where it lies in a heap. */
  typeOf(path: string, extent: Hdf5Extent): string {
    return this.#types.get(path) ?? typeText(extent);
  }

  /** How the numbers of a dataset use their bits. */
  numbersOf(path: string): NumberBits {
    const type = this.#types.get(path) ?? '';
    const others = type.replaceAll(EXTENDED, '');
    return { arePlain: !hasUnusualNumbers(others), hasExtended: others !== type };
  }
}

/** What is ahead of the HDF5 file, as it is shown. */
export function userBlockText({ userBlock }: Hdf5Side): string {
  return userBlock === '' ? 'nothing' : `SHA-256 ${userBlock}`;
}

function referenceNames(path: string, objects: readonly Hdf5Object[]): ReferenceName {
  const textOf = referenceTexts(path, objects);
  return (reference) => textOf(Buffer.from(reference));
}

function sizeOf(path: string): number {
  const source = openSource(path);
  source.close();
  return source.sizeBytes;
}

/** The file lists names in an order of its own; of several names of an object the first by its letters stands for it. */
function byFirstName(found: readonly Hdf5Object[]): Map<string, Hdf5Object> {
  const pathOf = new Map<bigint, string>();
  for (const { address, path } of found) {
    const known = pathOf.get(address);
    if (address !== 0n && (known === undefined || path < known)) pathOf.set(address, path);
  }
  const whole = new Map(found.filter(({ aliasOf }) => aliasOf === undefined).map((object) => [object.address, object]));
  const named = (object: Hdf5Object): Hdf5Object => {
    const first = pathOf.get(object.address);
    if (first === undefined) return object; // a link
    return first === object.path ? { ...(whole.get(object.address) ?? object), path: first } : secondName(object, first);
  };
  return new Map(found.map((object) => [object.path, named(object)]));
}

function secondName({ path, kind, address }: Hdf5Object, aliasOf: string): Hdf5Object {
  return { path, kind, address, aliasOf, target: '', extent: undefined, filters: [], attributes: new Map() };
}
