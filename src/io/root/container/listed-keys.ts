/** What the key list of a directory says must fit the directory and the file. */
import { CorruptFileError } from '../../../errors.ts';
import { isDirectoryClass, type DirectoryRecord } from './directory.ts';
import type { FileHeader } from './file-header.ts';
import type { KeyTable } from './key-table.ts';

/**
 * Some writers (uproot 3) state a wrong length in the list's own key. ROOT takes the length in the
 * directory; so do we, if the keys fill exactly that.
 */
export function checkListBytes(record: DirectoryRecord, nbytes: number, keys: KeyTable): void {
  if (nbytes === record.nbytesKeys || keys.endsExactly) return;
  throw new CorruptFileError('key list has another length than its directory says', {
    offset: record.seekKeys,
    expected: record.nbytesKeys,
    found: nbytes,
  });
}

/** Records must lie inside the file. CorruptFileError; `listOffset`: file offset of the list's payload. */
export function checkListedKeys(keys: KeyTable, { begin, end }: FileHeader, listOffset: number): void {
  const { isIrregular, lowestSeek, highestEnd } = keys.columns;
  if (!isIrregular && lowestSeek >= begin && highestEnd <= end) return;
  for (let i = 0; i < keys.count; i++) {
    const nbytes = keys.nbytes(i);
    const keylen = keys.keylen(i);
    const seek = keys.seekKey(i);
    const imageBytes = (keys.imageAt[i + 1] as number) - (keys.imageAt[i] as number);
    if (keylen !== imageBytes && !isDirectoryClass(keys.className(i))) {
      throw new CorruptFileError(`key ${keys.name(i)};${keys.cycle(i)} has another length than its fKeylen says`, {
        offset: listOffset + (keys.imageAt[i] as number),
        expected: keylen,
        found: imageBytes,
      });
    }
    if (nbytes < Math.max(keylen, imageBytes) || seek < begin || seek + nbytes > end || keys.objlen(i) < 0) {
      throw new CorruptFileError(`key ${keys.name(i)};${keys.cycle(i)} names a record outside the file`, {
        offset: listOffset + (keys.imageAt[i] as number),
        expected: `${begin} to ${end}`,
        found: `${seek} to ${seek + nbytes}`,
      });
    }
  }
}
