/** Worker files of every storage, and what their references lead to. */
import { merge, type MergeOptions, type MergeReport } from '../../../../src/index.ts';
import type { Containers } from '../../../../src/io/pool/containers.ts';
import type { TreeReader } from '../../../../src/io/root/tree/tree-reader.ts';
import { FormReferences } from '../../../../src/io/pool/form-reference.ts';
import { FormReader, HeaderReader, elementsOf, isEmptyHeader, tagTokens } from '../../../../src/io/pool/header-rows.ts';
import { openPoolFile, type PoolContents } from '../../../../src/io/pool/pool-contents.ts';
import { checkFileReferences } from '../../../../src/io/pool/references.ts';
import { Resolver } from '../../../../src/io/pool/resolve.ts';
import { parseToken } from '../../../../src/io/pool/token.ts';
import { fixture } from '../../../scratch.ts';

/** A GUID for merged files. */
export const FID = '01234567-89AB-4CDE-8F01-23456789ABCD';
/** Families of fixtures with the number of their files. */
export const FAMILIES = { p5: 4, p5unsplit: 4, p6: 4, index: 5, ntuple: 5 } as const;
export type Family = keyof typeof FAMILIES;
/** Families some of whose files lack whole trees; and those with DataHeader_p4. */
const OTHERS = {
  single: 4,
  indexmore: 3,
  ntuplemore: 3,
  p4: 4,
  p4unsplit: 4,
  placed: 3,
  indexplaced: 3,
  ntupleplaced: 3,
  p5shallow: 2,
  p6shallow: 2,
} as const;

/** Paths of the files of a family. */
export function workers(family: Family | keyof typeof OTHERS, count: number = { ...FAMILIES, ...OTHERS }[family]): string[] {
  return Array.from({ length: count }, (_, i) => fixture(`pool/${family}_${i}.root`));
}

export function withPool<T>(path: string, use: (contents: PoolContents) => T): T {
  const contents = openPoolFile(path);
  try {
    return use(contents);
  } finally {
    contents.file.close();
  }
}

/** A tree that must be there. */
export function treeOf(containers: Containers, name: string): TreeReader {
  const tree = containers.tree(name);
  if (tree === undefined) throw new Error(`no tree ${name}`);
  return tree.reader;
}

export async function mergeTo(output: string, inputs: readonly string[], options: Partial<MergeOptions> = {}): Promise<MergeReport> {
  return merge(inputs, { output, verify: 'full', ...options });
}

/** Counts of references of one file. */
export function referencesOf(path: string): { resolved: number; foreign: number; dangling: number } {
  return withPool(path, (contents) => {
    const resolver = new Resolver();
    resolver.add(contents);
    const { resolved, foreign, dangling } = checkFileReferences(contents, resolver);
    return { resolved, foreign, dangling };
  });
}

/**
 * Where every reference of every header leads, as text: header container and row, key, then container and row, or the
 * file, link id and row of a reference to another file.
 */
export function placesOf(path: string): string[] {
  return withPool(path, (contents) => {
    const resolver = new Resolver();
    resolver.add(contents);
    const lines: string[] = [];
    for (const { container } of contents.headerContainers()) {
      const [reader, forms] = [new HeaderReader(container), new FormReferences(contents, container)];
      for (let row = 0; row < reader.rowCount; row++) {
        const header = reader.header(row);
        if (isEmptyHeader(header)) continue;
        const form = header.version === 'p3' ? undefined : resolver.resolve(forms.at(row, header.formToken));
        const elements = elementsOf(header, form?.status === 'resolved' ? new FormReader(form.container).form(form.row) : undefined);
        for (const element of elements) {
          const found = resolver.resolve(element);
          const place =
            found.status === 'resolved' ? `${found.container.name} ${found.row}` : `${element.db} ${element.oid1} ${element.oid2}`;
          lines.push(`${container.name} ${row} ${element.key}: ${place}`);
        }
      }
    }
    for (const container of contents.tagContainers()) {
      tagTokens(container).forEach((text, row) => {
        const found = resolver.resolve(parseToken(text));
        lines.push(`${container.name} ${row}: ${found.status === 'resolved' ? `${found.container.name} ${found.row}` : text}`);
      });
    }
    return lines;
  });
}
