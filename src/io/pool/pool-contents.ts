/** An open POOL file: its bookkeeping and its containers. */
import { readInfoSet } from '../root/root-file-infos.ts';
import { openRootFile, type RootFile } from '../root/root-file.ts';
import type { InfoSet } from '../root/streamer/info-set.ts';
import { branchName } from '../root/tree/basket-table.ts';
import type { TreeReader } from '../root/tree/tree-reader.ts';
import { containerPlace, linkIdentity, type Link } from './bookkeeping.ts';
import { Containers, type Container } from './containers.ts';
import { HEADER_CLASS_IDS } from './data-header.ts';
import { eventTokenBranches, knowsEventTokens, type EventTokenBranch } from './event-tokens.ts';
import { readPoolFile, type PoolFile } from './pool-file.ts';
import { isLocal } from './token.ts';

/** Class GUID of a TAG column of tokens. Source: ATLAS athena ##Shapes, measured. */
export const TOKEN_CLASS_ID = 'E013D4B1-CA9C-4E3C-9BE2-8691BBAFCB9A';
/** TAG containers that files name in no link. */
const TAG_CONTAINERS = ['POOLCollectionTree(Token)', 'EventTag(Token)'] as const;
const HEADER_IDS: ReadonlySet<string> = new Set([
  HEADER_CLASS_IDS.headerP3,
  HEADER_CLASS_IDS.headerP4,
  HEADER_CLASS_IDS.headerP5,
  HEADER_CLASS_IDS.headerP6,
]);
/** Classes of DataHeaders. */
const HEADER_CLASS = /^DataHeader_p\d+$/;
/** Trees and RNTuples of headers of metadata begin with this. */
const METADATA_PREFIX = 'MetaDataHdr';
/** Branches of satellite headers begin with this in container names. */
const SATELLITE = '(basic/';

/** What a container of headers describes. */
export type HeaderKind = 'event' | 'satellite' | 'metadata';

/** A POOL file with everything that resolving references needs. */
export class PoolContents {
  readonly file: RootFile;
  readonly infos: InfoSet;
  readonly bookkeeping: PoolFile;
  readonly containers: Containers;
  #localLinks: Link[] | undefined;
  #headerContainers: { container: Container; kind: HeaderKind }[] | undefined;

  constructor(file: RootFile, infos: InfoSet) {
    this.file = file;
    this.infos = infos;
    this.bookkeeping = readPoolFile(file, infos);
    this.containers = new Containers(file, infos);
  }

  get fid(): string {
    return this.bookkeeping.fid;
  }

  /** Links to containers of this file, each container once, in the order of ##Links. */
  localLinks(): readonly Link[] {
    this.#localLinks ??= this.#selectLocalLinks();
    return this.#localLinks;
  }

  #selectLocalLinks(): Link[] {
    const seen = new Set<string>();
    return this.bookkeeping.links.filter(({ token }) => {
      const identity = linkIdentity({ ...token, db: '' });
      if (!isLocal(token, this.fid) || seen.has(identity)) return false;
      seen.add(identity);
      return true;
    });
  }

  /** Existing containers of DataHeaders. */
  headerContainers(): readonly { container: Container; kind: HeaderKind }[] {
    this.#headerContainers ??= this.#findHeaderContainers();
    return this.#headerContainers;
  }

  #findHeaderContainers(): { container: Container; kind: HeaderKind }[] {
    const links = this.localLinks().filter(({ token }) => HEADER_IDS.has(token.classId.toUpperCase()));
    const names = new Set(links.map(({ token }) => token.container));
    return [...names].flatMap((name) => {
      const container = this.containers.find(name);
      return container === undefined ? [] : [{ container, kind: headerKind(name) }];
    });
  }

  /** Branches and fields of DataHeaders that no link of this file names, in the trees and RNTuples of those that one does. */
  unlinkedHeaders(): { store: string; column: string }[] {
    const linked = this.headerContainers().map(({ container: { name, store } }) => ({ ...containerPlace(name), store }));
    return [...new Set(linked.map(({ tree }) => tree))].flatMap((tree) => {
      const columns = linked.filter((each) => each.tree === tree).map(({ store }) => columnName(store));
      return this.containers
        .columnsOfClass(tree, HEADER_CLASS)
        .filter((column) => !columns.includes(column))
        .map((column) => ({ store: tree, column }));
    });
  }

  /** Existing containers of event tags: their rows are tokens of headers. */
  tagContainers(): Container[] {
    const named = this.localLinks()
      .filter(({ token }) => token.classId.toUpperCase() === TOKEN_CLASS_ID)
      .map(({ token }) => token.container);
    return [...new Set([...named, ...TAG_CONTAINERS])].flatMap((name) => this.containers.find(name) ?? []);
  }

  /** Branches that hold tokens inside event data, of the trees ##Links names. */
  eventTokenBranches(): (EventTokenBranch & { tree: TreeReader })[] {
    if (!knowsEventTokens(this.infos)) return [];
    const trees = new Set(this.localLinks().map(({ token }) => containerPlace(token.container).tree));
    return [...trees].flatMap((name) => {
      const tree = this.containers.tree(name)?.reader;
      return tree === undefined ? [] : eventTokenBranches(tree).map((found) => ({ tree, ...found }));
    });
  }
}

function headerKind(container: string): HeaderKind {
  if (container.startsWith(METADATA_PREFIX)) return 'metadata';
  return container.includes(SATELLITE) ? 'satellite' : 'event';
}

/** Opens a POOL file; CorruptFileError when it has no (or damaged) bookkeeping. Close `file` when done. */
export function openPoolFile(path: string): PoolContents {
  return contentsOf(openRootFile(path));
}

/** The contents of an open POOL file, which is closed when that fails. */
export function contentsOf(file: RootFile): PoolContents {
  try {
    return new PoolContents(file, readInfoSet(file));
  } catch (err) {
    file.close();
    throw err;
  }
}

/** Name of the branch or field of a container; empty where the whole tree is the container. */
function columnName(store: Container['store']): string {
  if (store.kind === 'rntuple') return store.field;
  return store.branch < 0 ? '' : branchName(store.tree.scan, store.branch);
}
