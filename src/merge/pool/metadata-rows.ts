/** The rows of metadata of the merged file: those of all inputs one after the other, or one row of sums where that was asked for. */
import type { PlanContext } from '../merger.ts';
import type { TreeChanges } from '../tree-changes.ts';
import { firstRowBaskets, metadataHeaderTrees } from './first-row.ts';
import { METADATA_TREE, planMetadataSum, type MetadataSum } from './metadata-sum.ts';
import type { PoolInput } from './pool-inputs.ts';
import type { TreeRewrite } from './tree-rewrite.ts';

/** True for the tree of metadata and those of their headers and forms, whose names begin with its name. */
export function isMetadataTree(name: string): boolean {
  return name.startsWith(METADATA_TREE);
}

/** Decides about the rows of metadata, and tells users what was decided. */
export class MetadataRows {
  readonly #diagnostics: PlanContext['diagnostics'];
  readonly #inputs: readonly PoolInput[];
  #sum: MetadataSum | undefined;

  constructor(inputs: readonly PoolInput[], { diagnostics }: Pick<PlanContext, 'diagnostics'>) {
    this.#inputs = inputs;
    this.#diagnostics = diagnostics;
  }

  /** Plans one row of sums, if `names`, the trees of the merged file, has metadata and there can be one. */
  planSum(names: ReadonlySet<string>): void {
    const sum = planMetadataSum(this.#inputs);
    const path = `/${METADATA_TREE}`;
    if (typeof sum === 'string' || !names.has(METADATA_TREE)) {
      const reason = typeof sum === 'string' ? sum : 'no container of it is known';
      this.#diagnostics.add({ code: 'pool-metadata-not-summed', path, message: `cannot be summed: ${reason}` });
      return;
    }
    this.#sum = sum;
    const rows = sum.rowCount === sum.inputCount ? '' : `${sum.rowCount} rows of `;
    const summed = sum.summed.join(', ') || 'nothing';
    this.#diagnostics.add({
      code: 'pool-metadata-summed',
      path,
      message: `one row for ${rows}${sum.inputCount} inputs; summed: ${summed}`,
    });
    for (const [name, reason] of sum.kept) {
      const message = `not summed (${reason}): the row holds what ${sum.base.input.path} says, that of the others is left out`;
      this.#diagnostics.add({ code: 'pool-metadata-not-summed', path: `${path}/${name}`, message });
    }
  }

  /** The sum that goes into rows of this input; undefined when there is none, or another input's rows take it. */
  sumIn(pool: PoolInput): MetadataSum | undefined {
    return this.#sum?.base === pool ? this.#sum : undefined;
  }

  /** True for trees of which one input's rows are taken for all: those of metadata, where these are summed. */
  isOfOneInput(treeName: string): boolean {
    return this.#sum !== undefined && isMetadataTree(treeName);
  }

  /** Of such trees one input's rows are taken, or only the first of them. Forms can all stay: headers tell which is theirs. */
  changesOf(treeName: string, rewrites: ReadonlyMap<number, TreeRewrite>): Pick<TreeChanges, 'inputs' | 'firstRow'> {
    if (this.#sum === undefined || !isMetadataTree(treeName)) return {};
    const { base, isCut } = this.#sum;
    const { input, contents } = base;
    const inputs = new Set([input.index]);
    const tree = contents.containers.tree(treeName)?.reader;
    const isForms = treeName !== METADATA_TREE && !metadataHeaderTrees(contents).has(treeName);
    if (!isCut || tree === undefined || isForms) return { inputs };
    return { inputs, firstRow: firstRowBaskets(tree, rewrites.get(input.index)) };
  }

  /** Tells that there are several rows: readers sum them, nothing here does. */
  tellSeveral(): void {
    if (this.#sum !== undefined) return;
    const rows = this.#inputs.reduce((sum, { contents }) => sum + (contents.containers.tree(METADATA_TREE)?.reader.entryCount ?? 0), 0);
    if (rows < 2) return;
    const message = `holds ${rows} rows, those of the inputs one after the other: numbers in them are of each input, not sums`;
    this.#diagnostics.add({ code: 'pool-metadata-rows', path: `/${METADATA_TREE}`, message });
  }
}
