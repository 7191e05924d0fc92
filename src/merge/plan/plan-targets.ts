/**
 * From inputs to targets: walks all directories of all inputs together, groups keys by full path,
 * and gives every group a family. What cannot be one object is refused here.
 */
import type { Diagnostics } from '../../diagnostics.ts';
import { UsageError } from '../../errors.ts';
import { isDirectoryClass } from '../../io/root/container/directory.ts';
import type { KeyTable } from '../../io/root/container/key-table.ts';
import { joinPath, type DirectoryNode } from '../../io/root/root-file.ts';
import { familyOf, isMergeable } from './class-family.ts';
import { GrowingInts } from './growing-ints.ts';
import { groupByName, type NameGroups } from './match.ts';
import { newestOfEachInput, tellOlderCycles } from './newest-cycles.ts';
import type { PathFilter } from '../../path-filter.ts';
import { DISPOSITIONS, type DirectoryPlan, type Disposition, type Family, type MergePlan, type Reason } from './plan.ts';

const PROCESS_ID_CLASS = 'TProcessID';
const NO_TEXT = new Uint8Array(0);

/** Fills directories and targets of the plan. */
export function planTargets(plan: MergePlan, filter: PathFilter, diagnostics: Diagnostics): void {
  const keyCounts = plan.inputs.map(({ file }) => file.directories.reduce((sum, { keys }) => sum + keys.count, 0));
  // As many targets as the largest input has keys: inputs of one job hold the same objects.
  plan.targets.reserve(
    keyCounts.reduce((most, count) => Math.max(most, count), 0),
    keyCounts.reduce((sum, count) => sum + count, 0),
  );
  const walker = new TargetWalker(plan, filter, diagnostics);
  const roots = plan.inputs.map((input) => input.file.root);
  walker.addDirectory({ parent: -1, path: '/', nameText: NO_TEXT, titleText: NO_TEXT, className: 'TFile' }, roots);
  if (keyCounts.some((count) => count > 0)) tellUnmatched(filter, diagnostics);
}

/** A pattern that matches nothing is likely a slip; so is a merge of nothing, which is refused. */
function tellUnmatched(filter: PathFilter, diagnostics: Diagnostics): void {
  const { include, exclude, nothingLeft } = filter.unmatched();
  if (nothingLeft !== undefined) throw new UsageError(nothingLeft);
  for (const path of include) {
    diagnostics.add({ code: 'pattern-unused', path, message: 'this pattern of what is to be merged matches nothing' });
  }
  for (const path of exclude) {
    diagnostics.add({
      code: 'pattern-unused',
      path,
      message: 'this pattern of what is to be left out matches nothing that is not left out already',
    });
  }
}

/** One key of one input inside the directory at hand. */
interface Member {
  input: number;
  key: number;
  className: string;
  cycle: number;
}

/** What is known of a directory of the output before its contents are; texts as stored, in the first input that has it. */
type DirectoryIdentity = Pick<DirectoryPlan, 'parent' | 'path' | 'nameText' | 'titleText' | 'className'>;

class TargetWalker {
  readonly #plan: MergePlan;
  readonly #filter: PathFilter;
  readonly #diagnostics: Diagnostics;

  constructor(plan: MergePlan, filter: PathFilter, diagnostics: Diagnostics) {
    this.#plan = plan;
    this.#filter = filter;
    this.#diagnostics = diagnostics;
  }

  /** Adds the directory of one path and everything below it; returns its index. */
  addDirectory(what: DirectoryIdentity, nodes: (DirectoryNode | undefined)[]): number {
    const directory: DirectoryPlan = { ...what, slot: 0, nodes, items: new GrowingInts(), omitted: false };
    const index = this.#plan.directories.push(directory) - 1;
    const groups = groupByName(nodes);
    this.#plan.targets.reserve(this.#plan.targets.count + groups.count, 0);
    for (let g = 0; g < groups.count;) {
      const stop = this.#filter.acceptsAll ? endOfSingles(groups, g) : g;
      if (stop > g) this.#addSingles(index, groups, g, stop);
      else this.#addGroup(index, groups, g);
      g = Math.max(stop, g + 1);
    }
    return index;
  }

  /** Groups [from, to) of one key each, all of one input and class, which is no directory. */
  #addSingles(index: number, groups: NameGroups, from: number, to: number): void {
    const [first, last] = [groups.start[from] as number, groups.start[to] as number];
    const className = classNameAt(groups, first);
    if (className === PROCESS_ID_CLASS && this.#plan.directories[index]?.parent === -1) return; // renumbered by the process-id merger
    const family = familyOf(className);
    const keys = groups.key.subarray(first, last);
    this.#plan.addSingles(index, family, dispositionOf(family), reasonOf(family), groups.input[first] as number, keys);
  }

  /** Group `g` of the directory with number `index`. */
  #addGroup(index: number, groups: NameGroups, g: number): void {
    const directory = this.#plan.directories[index] as DirectoryPlan;
    const from = groups.start[g] as number;
    const to = groups.start[g + 1] as number;
    const first = classNameAt(groups, from);
    const uniform = isUniform(groups, from, to, first);
    if (uniform && first === PROCESS_ID_CLASS && directory.parent === -1) return; // renumbered by the process-id merger
    if (uniform && !isDirectoryClass(first)) {
      this.#addUniform(index, groups, from, to, familyOf(first));
      return;
    }
    const members = membersOf(groups, from, to);
    if (members.every((m) => isDirectoryClass(m.className))) this.#addSubdirectory(index, directory, members);
    else this.#addMixed(index, directory, members);
  }

  /** All keys of one class: the usual case, without an object per key. */
  #addUniform(index: number, groups: NameGroups, from: number, to: number, family: Family): void {
    const { path } = this.#plan.directories[index] as DirectoryPlan;
    if (!this.#accepts(path, groups, from)) {
      const skipped = this.#plan.addTarget(index, family, 'skip', 'excluded');
      this.#addKeys(groups, from, to);
      this.#plan.targets.slotCount.set(skipped, 0);
      return;
    }
    const repeated = hasRepeatedInput(groups, from, to);
    if (isMergeable(family) && repeated) {
      const members = newestOfEachInput(membersOf(groups, from, to), (member) => member);
      tellOlderCycles(this.#diagnostics, joinPath(path, nameAt(groups, from)), to - from - members.length);
      this.#plan.addTarget(index, family, dispositionOf(family), 'mergeable');
      for (const m of members) this.#plan.addContribution(m.input, m.key);
      return;
    }
    this.#plan.addTarget(index, family, dispositionOf(family), reasonOf(family));
    this.#addKeys(groups, from, to);
  }

  /** Keys of different classes under one name: kept as cycles if no class among them is merged, else refused. */
  #addMixed(index: number, directory: DirectoryPlan, members: Member[]): void {
    const objects = members.filter((m) => !isDirectoryClass(m.className));
    const families = new Set(objects.map((m) => familyOf(m.className)));
    const plain = objects.length === members.length && families.size === 1 && families.has('other');
    const target = this.#plan.addTarget(index, 'other', 'cycles', 'no-merge-rule');
    for (const m of members) this.#plan.addContribution(m.input, m.key);
    if (!this.#filter.accepts(this.#plan.path(target))) {
      this.#plan.decideSlots(target, 'skip', 'excluded', 0);
      return;
    }
    if (plain) return;
    const names = [...new Set(members.map((m) => m.className))];
    const other = members.find((m) => m.className !== members[0]?.className);
    const input = other === undefined ? undefined : this.#plan.inputs[other.input];
    this.#plan.refuse(target, 'class-differs', `objects of different classes have this name: ${names.join(', ')}`, input);
  }

  #addSubdirectory(parent: number, directory: DirectoryPlan, members: Member[]): void {
    const nodes: (DirectoryNode | undefined)[] = new Array(this.#plan.inputs.length);
    for (const m of members) {
      const node = this.#childOf(directory, m);
      const known = nodes[m.input];
      if (known === undefined || node.cycle > known.cycle) nodes[m.input] = node;
    }
    const identity = this.#identityOf(parent, directory, members[0] as Member);
    const accepted = this.#filter.accepts(identity.path);
    if (!accepted && !this.#filter.narrows) return;
    const targetsBefore = this.#plan.targets.count;
    const index = this.addDirectory(identity, nodes);
    const child = this.#plan.directories[index] as DirectoryPlan;
    child.omitted = this.#filter.narrows && !this.#anyWanted(targetsBefore) && !accepted;
    directory.items.push(2 * index + 1);
    if (!child.omitted) this.#refuseDirectoryCycles(parent, directory, members);
  }

  /** Two directories of one name in one file: only one of them can be reached by its path. */
  #refuseDirectoryCycles(parent: number, directory: DirectoryPlan, members: Member[]): void {
    members.forEach((m, i) => {
      if (members[i - 1]?.input !== m.input) return;
      const target = this.#plan.addTarget(parent, 'other', 'cycles', 'no-merge-rule');
      this.#plan.addContribution(m.input, m.key);
      this.#plan.refuse(target, 'directory-cycles', 'a file has two directories of this name', this.#plan.inputs[m.input]);
    });
  }

  #anyWanted(fromTarget: number): boolean {
    const { targets } = this.#plan;
    const skip = DISPOSITIONS.indexOf('skip');
    for (let t = fromTarget; t < targets.count; t++) if (targets.disposition.at(t) !== skip) return true;
    return false;
  }

  #childOf(directory: DirectoryPlan, member: Member): DirectoryNode {
    const parent = directory.nodes[member.input] as DirectoryNode;
    return parent.children.get(member.key) as DirectoryNode;
  }

  #addKeys(groups: NameGroups, from: number, to: number): void {
    for (let at = from; at < to; at++) this.#plan.addContribution(groups.input[at] as number, groups.key[at] as number);
  }

  /** True when filters accept the key at `at` in the directory of a path. */
  #accepts(path: string, groups: NameGroups, at: number): boolean {
    return this.#filter.acceptsAll || this.#filter.accepts(joinPath(path, nameAt(groups, at)));
  }

  #identityOf(parent: number, directory: DirectoryPlan, { input, key, className }: Member): DirectoryIdentity {
    const { keys } = directory.nodes[input] as DirectoryNode;
    const path = joinPath(directory.path, keys.name(key));
    return { parent, path, nameText: keys.nameText(key), titleText: keys.titleText(key), className };
  }
}

/** The key list that the key at `at` stands in. */
function keysAt({ nodes, input }: NameGroups, at: number): KeyTable {
  return (nodes[input[at] as number] as DirectoryNode).keys;
}

function nameAt(groups: NameGroups, at: number): string {
  return keysAt(groups, at).name(groups.key[at] as number);
}

function classNameAt(groups: NameGroups, at: number): string {
  return keysAt(groups, at).className(groups.key[at] as number);
}

/** End of the groups from `from` on that have one key each, of one input and class; `from` where it has several, or is a directory. */
function endOfSingles(groups: NameGroups, from: number): number {
  const { start, input, key } = groups;
  const at = start[from] as number;
  const [firstInput, { classIndex }] = [input[at], keysAt(groups, at)];
  const firstClass = classIndex[key[at] as number];
  if (isDirectoryClass(classNameAt(groups, at))) return from;
  let g = from;
  for (let k = at; g < groups.count && start[g + 1] === k + 1 && input[k] === firstInput; g++, k++) {
    if (classIndex[key[k] as number] !== firstClass) break;
  }
  return g;
}

/** True when all keys in [from, to) have the class. */
function isUniform(groups: NameGroups, from: number, to: number, className: string): boolean {
  for (let at = from + 1; at < to; at++) if (classNameAt(groups, at) !== className) return false;
  return true;
}

function hasRepeatedInput({ input }: NameGroups, from: number, to: number): boolean {
  for (let at = from + 1; at < to; at++) if (input[at] === input[at - 1]) return true;
  return false;
}

function membersOf(groups: NameGroups, from: number, to: number): Member[] {
  const members: Member[] = [];
  for (let at = from; at < to; at++) {
    const [input, key, keys] = [groups.input[at] as number, groups.key[at] as number, keysAt(groups, at)];
    members.push({ input, key, className: keys.className(key), cycle: Math.abs(keys.cycle(key)) });
  }
  return members;
}

function reasonOf(family: Family): Reason {
  return isMergeable(family) ? 'mergeable' : 'no-merge-rule';
}

/** What a family does with objects that are not refused. */
function dispositionOf(family: Family): Disposition {
  if (family === 'histogram' || family === 'additive') return 'add';
  return family === 'other' ? 'cycles' : 'concat';
}
