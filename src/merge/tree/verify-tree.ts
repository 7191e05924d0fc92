import type { DirectoryNode, RootFile } from '../../io/root/root-file.ts';
/** Reads the tree back. */
export function verifyTreeObject(file: RootFile, directory: DirectoryNode, keyIndex: number, _expected: { entries: number }): void {
  file.readObject(directory, keyIndex);
}
