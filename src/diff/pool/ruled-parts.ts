/** Which parts of POOL files are compared by rule: containers of headers, forms and event tags, branches with tokens inside event data. */
import { containerPlace } from '../../io/pool/bookkeeping.ts';
import type { Container } from '../../io/pool/containers.ts';
import { HEADER_CLASS_IDS } from '../../io/pool/data-header.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';
import { branchName } from '../../io/root/tree/basket-table.ts';
import { branchesByPath } from '../../io/root/tree/branch-paths.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { MOVED_IN_FORMS, MOVED_IN_HEADERS } from './row-members.ts';

const FORM_IDS: ReadonlySet<string> = new Set([HEADER_CLASS_IDS.formP5, HEADER_CLASS_IDS.formP6]);

/** How one container is judged. */
export interface RuledContainer {
  name: string;
  kind: 'header' | 'form' | 'tag';
  /** Branch (of a whole tree: its only one) or field. */
  top: string;
  isTuple: boolean;
}

/** The ruled parts of all files of a comparison. A store is the name of a tree or RNTuple, without slash and cycle. */
export class RuledParts {
  /** By store. */
  readonly #containers = new Map<string, RuledContainer[]>();
  /** By store: paths of branches with tokens inside event data. */
  readonly #tokens = new Map<string, Set<string>>();

  constructor(files: readonly PoolContents[]) {
    for (const contents of files) this.#addFile(contents);
  }

  /** Ruled containers of a store. */
  containersIn(store: string): readonly RuledContainer[] {
    return this.#containers.get(store) ?? [];
  }

  /** Paths of the branches of a store with tokens inside event data. */
  tokenBranchesIn(store: string): readonly string[] {
    return [...(this.#tokens.get(store) ?? [])];
  }

  /** True for a branch or field of a store that is judged by rule, not by its values. */
  has(store: string, name: string): boolean {
    return this.#tokens.get(store)?.has(name) === true || this.containersIn(store).some((container) => isRuledBy(container, name));
  }

  /** Order in which objects are compared: those that references lead to, those with tokens inside, headers, event tags. */
  rank(store: string): number {
    const kinds = this.containersIn(store).map(({ kind }) => kind);
    if (kinds.includes('tag')) return 3;
    if (kinds.includes('header')) return 2;
    return this.#tokens.has(store) ? 1 : 0;
  }

  #addFile(contents: PoolContents): void {
    for (const { container } of contents.headerContainers()) this.#addContainer(container, 'header');
    for (const { token } of contents.localLinks()) {
      const container = FORM_IDS.has(token.classId.toUpperCase()) ? contents.containers.find(token.container) : undefined;
      if (container !== undefined) this.#addContainer(container, 'form');
    }
    for (const container of contents.tagContainers()) this.#addContainer(container, 'tag');
    for (const { tree, branch } of contents.eventTokenBranches()) {
      const path = [...branchesByPath(tree)].find(([, row]) => row === branch)?.[0];
      const store = storeOf(tree);
      if (path !== undefined) this.#tokens.set(store, (this.#tokens.get(store) ?? new Set()).add(path));
    }
  }

  #addContainer({ name, store }: Container, kind: RuledContainer['kind']): void {
    const place = containerPlace(name).tree;
    const known = this.containersIn(place);
    if (known.some((each) => each.name === name)) return;
    if (store.kind === 'tree' && store.branch < 0) return;
    const top = store.kind === 'tree' ? branchName(store.tree.scan, store.branch) : store.field;
    this.#containers.set(place, [...known, { name, kind, top, isTuple: store.kind === 'rntuple' }]);
  }
}

/** In trees all of a container is ruled, and of event tags; of headers and forms in RNTuples the members that say where references lead. */
function isRuledBy({ top, kind, isTuple }: RuledContainer, name: string): boolean {
  const member = memberBelow(top, name);
  if (member === undefined) return false;
  if (!isTuple || kind === 'tag') return true;
  return (kind === 'header' ? MOVED_IN_HEADERS : MOVED_IN_FORMS).test(member.replace(/ \(characters\)$/, ''));
}

/** `m_oid2` for `top/m_oid2`, '' for `top` itself; undefined for what is not below it. */
function memberBelow(top: string, name: string): string | undefined {
  if (name === top) return '';
  return ['/', '.', ' '].some((separator) => name.startsWith(top + separator)) ? name.slice(top.length + 1) : undefined;
}

function storeOf({ path }: TreeReader): string {
  return path.replace(/^\/|;\d+$/g, '');
}
