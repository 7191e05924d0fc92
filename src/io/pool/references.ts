/** Every reference of every header and TAG row of POOL files, followed and counted. */
import { isPoolMergeError } from '../../errors.ts';
import { branchName } from '../root/tree/basket-table.ts';
import { BranchCursor } from '../root/tree/branch-cursor.ts';
import type { TreeReader } from '../root/tree/tree-reader.ts';
import type { Container } from './containers.ts';
import type { HeaderElement } from './data-header.ts';
import type { EventTokenBranch } from './event-tokens.ts';
import { FormReferences, type FormReference } from './form-reference.ts';
import { textOf } from './places.ts';
import {
  FormReader,
  HeaderReader,
  elementCount,
  elementsOf,
  isEmptyHeader,
  tagTokens,
  type StoredForm,
  type StoredHeader,
} from './header-rows.ts';
import type { HeaderKind, PoolContents } from './pool-contents.ts';
import type { Resolution, Resolver } from './resolve.ts';
import { parseToken, tokenOfReference, type Reference } from './token.ts';

/** How many references lead where. */
export interface ReferenceCounts {
  resolved: number;
  foreign: number;
  dangling: number;
}

/** References of one container. */
export interface ContainerReferences extends ReferenceCounts {
  container: string;
  /** `data`: tokens inside event data. */
  kind: HeaderKind | 'tag' | 'data';
  rowCount: number;
}

/** A reference that leads nowhere, or a header that cannot be decoded. */
export interface DanglingReference {
  file: string;
  container: string;
  row: number;
  /** The reference as token text, or what of the header it is. */
  token: string;
  reason: string;
}

/** A provenance or other foreign file, with the number of references to it. */
export interface ForeignFile {
  fid: string;
  /** Container texts, without doubles; the empty text where only a link id is known. */
  containers: string[];
  references: number;
}

/** Result of following all references of one file. */
export interface FileReferences extends ReferenceCounts {
  file: string;
  containers: ContainerReferences[];
  /** The first ones; of one container and reason three at most. */
  firstDangling: DanglingReference[];
  /** By FID, in the order they were met. */
  foreignFiles: ForeignFile[];
}

/** Dangling references of a file that are reported one by one, all together and of one container for one reason. */
const MAX_REPORTED = 20;
const MAX_ALIKE = 3;

/** Follows all references of a file: of headers, TAG rows and token lists inside event data. The resolver must know the file. */
export function checkFileReferences(contents: PoolContents, resolver: Resolver): FileReferences {
  return new FileChecker(contents, resolver).run();
}

class FileChecker {
  readonly #contents: PoolContents;
  readonly #resolver: Resolver;
  readonly #forms = new Map<Container, FormReader>();
  readonly #result: FileReferences;
  readonly #foreign = new Map<string, { containers: Set<string>; references: number }>();
  #counts: ContainerReferences = { container: '', kind: 'event', rowCount: 0, resolved: 0, foreign: 0, dangling: 0 };
  #row = 0;

  constructor(contents: PoolContents, resolver: Resolver) {
    this.#contents = contents;
    this.#resolver = resolver;
    this.#result = { file: contents.file.path, resolved: 0, foreign: 0, dangling: 0, containers: [], firstDangling: [], foreignFiles: [] };
  }

  run(): FileReferences {
    for (const { container, kind } of this.#contents.headerContainers()) {
      this.#begin(container.name, kind, container.rowCount);
      const reader = new HeaderReader(container);
      const references = new FormReferences(this.#contents, container);
      for (this.#row = 0; this.#row < reader.rowCount; this.#row++) this.#checkHeader(container, reader.header(this.#row), references);
    }
    for (const container of this.#contents.tagContainers()) {
      this.#begin(container.name, 'tag', container.rowCount);
      tagTokens(container).forEach((text, row) => {
        this.#row = row;
        this.#checkToken(text, 'event tag');
      });
    }
    for (const { tree, branch, locate } of this.#contents.eventTokenBranches()) this.#checkEventTokens(tree, branch, locate);
    for (const counts of this.#result.containers) {
      this.#result.resolved += counts.resolved;
      this.#result.foreign += counts.foreign;
      this.#result.dangling += counts.dangling;
    }
    this.#result.foreignFiles = [...this.#foreign].map(([fid, { containers, references }]) => ({
      fid,
      containers: [...containers],
      references,
    }));
    return this.#result;
  }

  #begin(container: string, kind: ContainerReferences['kind'], rowCount: number): void {
    this.#counts = { container, kind, rowCount, resolved: 0, foreign: 0, dangling: 0 };
    this.#result.containers.push(this.#counts);
  }

  #checkHeader(container: Container, header: StoredHeader, references: FormReferences): void {
    if (isEmptyHeader(header)) return;
    const form = header.version === 'p3' ? undefined : this.#form(header.formToken, references);
    if (form === undefined && header.version !== 'p3') {
      this.#counts.dangling += elementCount(header); // none of them can be decoded; the form's own reference is reported
      return;
    }
    let elements: HeaderElement[];
    try {
      elements = elementsOf(header, form);
    } catch (err) {
      if (!isPoolMergeError(err, 'CORRUPT_FILE')) throw err;
      this.#dangle('DataHeader', err.reason, elementCount(header));
      return;
    }
    for (const element of elements) this.#checkElement(container, element);
  }

  #checkElement(container: Container, element: HeaderElement): void {
    const found = this.#resolver.resolve(element);
    const isSelf = found.status === 'resolved' && !element.isProvenance && found.container === container;
    if (isSelf && found.row !== this.#row) {
      this.#dangle(tokenOfReference(element).text, `the header's reference to itself leads to row ${found.row}`);
    } else this.#count(element, found);
  }

  #form(text: string, references: FormReferences): StoredForm | undefined {
    const reference = this.#parse(text, 'form reference', (): FormReference => references.at(this.#row, text));
    if (reference === undefined) return undefined;
    const found = this.#resolver.resolve(reference);
    this.#count(reference, found);
    if (found.status === 'foreign') {
      this.#report(tokenOfReference(reference).text, 'the form is in a file that is not given: the references of the header are not known');
    }
    if (found.status !== 'resolved') return undefined;
    let reader = this.#forms.get(found.container);
    if (reader === undefined) {
      reader = new FormReader(found.container);
      this.#forms.set(found.container, reader);
    }
    return reader.form(found.row);
  }

  #checkEventTokens(tree: TreeReader, branch: number, locate: EventTokenBranch['locate']): void {
    const cursor = new BranchCursor(tree, branch);
    this.#begin(branchPath(tree, branch), 'data', cursor.entryCount);
    for (this.#row = 0; this.#row < cursor.entryCount; this.#row++) {
      for (const place of locate(cursor.entry(this.#row))) if (place.length > 0) this.#checkToken(textOf(place), 'token of event data');
    }
    // of the many lists most are empty
    if (this.#counts.resolved + this.#counts.foreign + this.#counts.dangling === 0) this.#result.containers.pop();
  }

  #checkToken(text: string, what: string): void {
    const token = this.#parse(text, what, () => parseToken(text));
    if (token !== undefined) this.#count(token, this.#resolver.resolve(token));
  }

  #parse<T>(text: string, what: string, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (err) {
      if (!isPoolMergeError(err, 'CORRUPT_FILE')) throw err;
      this.#dangle(text, `${what}: ${err.reason}`);
      return undefined;
    }
  }

  #count(reference: Reference, found: Resolution): void {
    this.#counts[found.status]++;
    if (found.status === 'dangling') this.#report(tokenOfReference(reference).text, found.reason);
    if (found.status !== 'foreign') return;
    const fid = reference.db.toUpperCase();
    let file = this.#foreign.get(fid);
    if (file === undefined) {
      file = { containers: new Set(), references: 0 };
      this.#foreign.set(fid, file);
    }
    file.references++;
    file.containers.add(reference.container);
  }

  #dangle(token: string, reason: string, count = 1): void {
    this.#counts.dangling += count;
    this.#report(token, reason);
  }

  #report(token: string, reason: string): void {
    const { file, firstDangling } = this.#result;
    if (firstDangling.length >= MAX_REPORTED) return;
    const alike = firstDangling.filter((other) => other.container === this.#counts.container && other.reason === reason).length;
    if (alike < MAX_ALIKE) firstDangling.push({ file, container: this.#counts.container, row: this.#row, token, reason });
  }
}

/** Tree and names of the branches down to one, as a container name: `Tree(top/…)`. */
function branchPath({ scan, path }: TreeReader, branch: number): string {
  const names: string[] = [];
  for (let at = branch; at >= 0; at = scan.branchParent[at] as number) names.unshift(branchName(scan, at));
  return `${path.replace(/^\/|;\d+$/g, '')}(${names[0]}/${names.at(-1)})`;
}
