/** C++ type names as they stand in streamer infos: template arguments, pointers, qualifiers. */

/** A type name taken apart: `const std::vector<int>*` is name `vector`, args [`int`], pointer true. */
export interface TypeName {
  /** Whole name without `const`, `std::`, spaces at the ends and pointer stars. */
  text: string;
  /** The name before `<`. */
  template: string;
  /** Template arguments, trimmed; empty for a plain class. */
  args: string[];
  pointer: boolean;
}

/** Takes a C++ type name apart (one level: arguments stay text). */
export function parseTypeName(typeName: string): TypeName {
  let text = typeName.trim();
  if (text.startsWith('const ')) text = text.slice(6).trim();
  const pointer = text.endsWith('*');
  while (text.endsWith('*') || text.endsWith('&') || text.endsWith(' ')) text = text.slice(0, -1);
  if (text.startsWith('std::')) text = text.slice(5);
  const open = text.indexOf('<');
  if (open < 0 || !text.endsWith('>')) return { text, template: text, args: [], pointer };
  return { text, template: text.slice(0, open).trim(), args: splitArguments(text.slice(open + 1, -1)), pointer };
}

/** Splits at the commas that are not inside angle brackets or parentheses. */
function splitArguments(text: string): string[] {
  const args: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '<' || c === '(') depth++;
    else if (c === '>' || c === ')') depth--;
    else if (c === ',' && depth === 0) {
      args.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  args.push(text.slice(from).trim());
  return args;
}

const SEQUENCES: ReadonlySet<string> = new Set([
  'vector',
  'list',
  'deque',
  'forward_list',
  'set',
  'multiset',
  'unordered_set',
  'unordered_multiset',
  'ROOT::VecOps::RVec',
  'RVec',
]);
const MAPS: ReadonlySet<string> = new Set(['map', 'multimap', 'unordered_map', 'unordered_multimap']);

/** True for the collections of one value type (vector, list, set, …). */
export function isSequence(template: string): boolean {
  return SEQUENCES.has(template);
}

/** True for the collections of pairs (map, multimap, …). */
export function isMap(template: string): boolean {
  return MAPS.has(template);
}

/** True for `string` and its spelled-out form. */
export function isStdString(template: string): boolean {
  return template === 'string' || template === 'basic_string';
}

const PLAIN: Readonly<Record<string, string>> = {
  Char_t: 'char',
  UChar_t: 'unsigned char',
  Short_t: 'short',
  UShort_t: 'unsigned short',
  Int_t: 'int',
  UInt_t: 'unsigned int',
  Long_t: 'long',
  ULong_t: 'unsigned long',
  Long64_t: 'long long',
  ULong64_t: 'unsigned long long',
  Float_t: 'float',
  Double_t: 'double',
  Bool_t: 'bool',
};

/** A class name with ROOT's names of basic types replaced by the plain ones and without spaces: `A<Int_t >` and `A<int>` agree. */
export function plainName(className: string): string {
  return className
    .replace(/\w+/g, (word) => PLAIN[word] ?? word)
    .replace(/\bstd::/g, '')
    .replace(/ /g, '');
}
