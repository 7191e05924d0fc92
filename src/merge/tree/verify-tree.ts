/** Holds a written tree against what was planned: it is read back from the output and its baskets are counted. */
import { VerificationError } from '../../errors.ts';
import type { DirectoryNode, RootFile } from '../../io/root/root-file.ts';
import { readInfoSet } from '../../io/root/root-file-infos.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { branchName, branchOfBasket, buildBasketTable, ownOrder, type BasketTable } from '../../io/root/tree/basket-table.ts';
import { TREE } from '../../io/root/tree/scan-layout.ts';
import { scanTree, type TreeScan } from '../../io/root/tree/tree-scan.ts';

/** Infos by file: a file may hold many trees. */
const INFOS = new WeakMap<RootFile, InfoSet>();

/**
 * Reads the tree of key `keyIndex` back. VerificationError unless it has the planned number of entries, all its baskets are
 * records inside the file, and their entries ascend to the end of each branch.
 */
export function verifyTreeObject(file: RootFile, directory: DirectoryNode, keyIndex: number, expected: { entries: number }): void {
  const { key, payload } = file.readObject(directory, keyIndex);
  const scan = scanTree(payload, key.keylen, key.className, infosOf(file));
  const entries = scan.tree.number(scan.view, 0, TREE.fEntries);
  if (entries !== expected.entries) {
    throw new VerificationError('the tree has another number of entries', { planned: expected.entries, found: entries });
  }
  const table = buildBasketTable(scan, ownOrder(scan));
  const embedded = table.embedded[0];
  if (embedded !== undefined) fail(scan, embedded.where.branch, 'has a basket inside the tree object');
  checkPlaces(file, scan, table);
}

function infosOf(file: RootFile): InfoSet {
  let infos = INFOS.get(file);
  if (infos === undefined) {
    infos = readInfoSet(file);
    INFOS.set(file, infos);
  }
  return infos;
}

/** Every basket lies in the data part of the file, and together they are no longer than it. */
function checkPlaces(file: RootFile, scan: TreeScan, table: BasketTable): void {
  const { begin, end } = file.header;
  for (let basket = 0; basket < table.seek.length; basket++) {
    const at = table.seek[basket] as number;
    const outside = at < begin || at + (table.bytes[basket] as number) > end;
    if (outside) fail(scan, branchOfBasket(table, basket), `has a basket at ${at}, outside of the file`);
  }
  if (table.storedBytes > end - begin) {
    throw new VerificationError('the baskets of the tree are longer than the file', {
      planned: `at most ${end - begin}`,
      found: table.storedBytes,
    });
  }
}

function fail(scan: TreeScan, branch: number, what: string): never {
  throw new VerificationError(`branch ${branchName(scan, branch)} of the written tree ${what}`);
}
