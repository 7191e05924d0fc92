/** What changes in the trees of one input: headers, forms, event tags, tokens inside event data, index_ref. */
import { containerPlace } from '../../io/pool/bookkeeping.ts';
import { INDEX_NAME, type Container, type TreeStore } from '../../io/pool/containers.ts';
import { HEADER_CLASS_IDS } from '../../io/pool/data-header.ts';
import { eventTokenBranches, knowsEventTokens, type EventTokenBranch } from '../../io/pool/event-tokens.ts';
import { FormReferences } from '../../io/pool/form-reference.ts';
import { HeaderReader } from '../../io/pool/header-rows.ts';
import { textOf } from '../../io/pool/places.ts';
import type { RowColumns } from '../../io/pool/row-columns.ts';
import { branchName } from '../../io/root/tree/basket-table.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { FormsP5 } from './forms-p5.ts';
import { patchHeaderP3 } from './headers-p3.ts';
import { HeadersP5 } from './headers-p5.ts';
import { FULL_ELEMENTS } from './grow-row.ts';
import { FormsP6, patchFormP6 } from './forms-p6.ts';
import { HeadersP6 } from './headers-p6.ts';
import { patchText } from './patch-places.ts';
import { METADATA_TREE, type MetadataSum } from './metadata-sum.ts';
import type { PoolInput } from './pool-inputs.ts';
import type { Relocation } from './relocation.ts';
import { TreeRewrite, inPlace, longTask, textTask, type DataTask, type KeptBaskets, type RewriteTask } from './tree-rewrite.ts';

/** One change of one tree. */
interface PlacedTask {
  treeName: string;
  tree: TreeReader;
  task: RewriteTask;
}

/** Tasks of one input; headers come before forms, which depend on them. */
export class InputRewrites {
  readonly pool: PoolInput;
  readonly formsP6: FormsP6;
  readonly #relocation: Relocation;
  readonly #kept: KeptBaskets;
  readonly #treeNames: ReadonlySet<string>;
  #sumCounts: ReadonlyMap<number, number> = new Map();
  readonly #tasks: PlacedTask[] = [];
  readonly #formsP5: FormsP5;

  /** `treeNames`: trees of the merged file that hold containers. UnsupportedError for headers of unknown classes. */
  constructor(pool: PoolInput, relocation: Relocation, treeNames: ReadonlySet<string>, kept: KeptBaskets) {
    this.#treeNames = treeNames;
    this.#kept = kept;
    this.pool = pool;
    this.#relocation = relocation;
    this.#formsP5 = new FormsP5(relocation);
    this.formsP6 = new FormsP6(relocation);
    for (const { container } of pool.contents.headerContainers()) this.#addHeaders(container);
    for (const container of pool.contents.tagContainers()) this.#addTags(container);
    this.#addForms();
    for (const name of treeNames) this.#addTree(name);
  }

  /** Adds what makes the metadata of this input those of all. */
  addSum({ tasks, largestCounts }: MetadataSum): void {
    const tree = this.pool.contents.containers.tree(METADATA_TREE)?.reader;
    if (tree === undefined) return;
    for (const task of tasks) this.#tasks.push({ treeName: METADATA_TREE, tree, task });
    this.#sumCounts = largestCounts;
  }

  #add(container: string, tree: TreeReader, task: RewriteTask): void {
    const treeName = containerPlace(container).tree;
    if (this.#treeNames.has(treeName)) this.#tasks.push({ treeName, tree, task });
  }

  #addHeaders(container: Container): void {
    const { store, name } = container;
    if (store.kind === 'tree') this.#add(name, store.tree, this.#headerTask(container, store.branch));
  }

  #headerTask(container: Container, branch: number): RewriteTask {
    const { version } = new HeaderReader(container);
    if (version === 'p3') return inPlace(branch, (columns, row) => patchHeaderP3(columns, this.#relocation, { container, row }));
    if (version === 'p5') {
      const headers = new HeadersP5(this.#relocation, this.#formsP5, container);
      return inPlace(branch, (columns, row) => headers.patch(columns, row));
    }
    const references = new FormReferences(this.pool.contents, container);
    const headers = new HeadersP6(this.#relocation, this.formsP6, { container, references });
    return {
      kind: 'rows',
      branch,
      patch: (columns, row) => headers.patch(columns, row),
      patchLike: (entry, row) => headers.patchLike(entry, row),
    };
  }

  #addTags({ store, name }: Container): void {
    if (store.kind !== 'tree') return;
    const task = textTask(store.branch, (text) => this.#relocation.moveToken(text));
    this.#add(name, store.tree, task);
  }

  #addForms(): void {
    const { contents } = this.pool;
    for (const { token } of contents.localLinks()) {
      const container = contents.containers.find(token.container);
      if (container?.store.kind !== 'tree') continue;
      const classId = token.classId.toUpperCase();
      if (classId === HEADER_CLASS_IDS.formP5) this.#addForm(container, container.store, 'p5');
      else if (classId === HEADER_CLASS_IDS.formP6) this.#addForm(container, container.store, 'p6');
    }
  }

  #addForm(container: Container, { tree, branch }: TreeStore, version: 'p5' | 'p6'): void {
    const { fid } = this.pool.contents;
    const change =
      version === 'p5'
        ? (columns: RowColumns): void => this.#formsP5.patch(columns)
        : (columns: RowColumns, row: number): void => patchFormP6(columns, this.formsP6.formAt(container, row), fid);
    this.#add(container.name, tree, inPlace(branch, change));
  }

  /** index_ref where process ids collide, and tokens inside event data. */
  #addTree(name: string): void {
    const { contents } = this.pool;
    const tree = contents.containers.tree(name)?.reader;
    if (tree === undefined) return;
    const index = tree.branch(INDEX_NAME);
    if (index !== undefined && this.#relocation.renumbers(contents)) {
      this.#tasks.push({ treeName: name, tree, task: longTask(index, (value) => this.#relocation.indexOf(contents, value)) });
    }
    if (!knowsEventTokens(contents.infos)) return;
    for (const found of eventTokenBranches(tree)) this.#tasks.push({ treeName: name, tree, task: this.#eventTokens(found) });
  }

  #eventTokens({ branch, locate }: EventTokenBranch): DataTask {
    return {
      kind: 'data',
      branch,
      patch: ({ data, bounds, basket, count }) => {
        for (let i = 0; i < count; i++) {
          for (const place of locate({ branch, basket, data, start: bounds[i] as number, end: bounds[i + 1] as number })) {
            const text = textOf(place);
            const moved = text === '' ? undefined : this.#relocation.moveToken(text);
            if (moved !== undefined) patchText(place, moved);
          }
        }
      },
    };
  }

  /** Changes per tree. */
  byTree(): Map<string, TreeRewrite> {
    const placed = new Map<string, { tree: TreeReader; tasks: RewriteTask[] }>();
    for (const { treeName, tree, task } of this.#tasks) {
      const known = placed.get(treeName);
      if (known === undefined) placed.set(treeName, { tree, tasks: [task] });
      else known.tasks.push(task);
    }
    const rewrites = new Map<string, TreeRewrite>();
    for (const [name, { tree, tasks }] of placed) rewrites.set(name, new TreeRewrite(tree, tasks, this.#largestCounts(tree), this.#kept));
    return rewrites;
  }

  /** Known after the checks: headers that grew, in split branches. */
  #largestCounts(tree: TreeReader): Map<number, number> {
    const { largestCount } = this.formsP6;
    const counts = new Map<number, number>(tree === this.pool.contents.containers.tree(METADATA_TREE)?.reader ? this.#sumCounts : []);
    for (let row = 0; row < tree.scan.branches.count && largestCount > 0; row++) {
      if (branchName(tree.scan, row).endsWith(FULL_ELEMENTS)) counts.set(row, largestCount);
    }
    return counts;
  }

  /** Makes every change: throws what would throw later, and keeps what there is room for. One function per change. */
  *checks(): Generator<() => void> {
    for (const { tree, task } of this.#tasks) {
      yield () => {
        this.#kept.keep(task, new TreeRewrite(tree, [task]).baskets());
      };
    }
  }
}
