/**
 * DataHeader_p5 and DataHeaderForm_p5.
 *
 *   header   m_dataHeader   elements {m_token string, m_oid2 u32}
 *            m_dhFormToken  token of the form, m_dhFormMdx  its digest
 *   form     m_map          table of texts: GUIDs, container prefixes and types, keys, aliases
 *            m_uints[0]     [provenance size]
 *            m_uints[k+1]   words of element k:
 *              w0  key position << 16 | version
 *              w1  index of the file GUID << 16 | index of the class GUID
 *              w2  index of the container prefix << 16 | index of the container type (0: none)
 *              [technology]                 if version & 1, else 0x202
 *              oid1
 *              key index << 16 | aliases << 8 | symlinks    if version & 0x10 is clear,
 *              else three words: key index, aliases, symlinks
 *              CLID, symlink CLIDs, hashes
 *
 * Version 0: m_token is a whole token and the words are not used for it.
 * Source: ATLAS athena Database/PersistentDataModelTPCnv/src/DataHeader_p5.cxx.
 */
import { createHash } from 'node:crypto';
import { CorruptFileError } from '../../errors.ts';
import type { HeaderElement } from './data-header.ts';
import { formatGuid } from './guid.ts';
import { TECHNOLOGY, parseToken } from './token.ts';

const HAS_TECHNOLOGY = 0x1;
const LONG_COUNTS = 0x10;

/** A form, as stored. */
export interface FormP5 {
  map: string[];
  uints: number[][];
}

/** One element as stored in the header. */
export interface StoredElementP5 {
  token: string;
  oid2: number;
}

/** Position of the words of one element in its row of `m_uints`. */
interface ElementWords {
  version: number;
  keyPosition: number;
  guidIndex: number;
  classIndex: number;
  prefixIndex: number;
  typeIndex: number;
  technology: number;
  /** Index of oid1 in the row. */
  oid1At: number;
  keyIndex: number;
  clid: number;
}

/** Number of provenance elements; they come first. */
export function provenanceSize(form: FormP5): number {
  const size = form.uints[0]?.[0];
  if (size === undefined) throw new CorruptFileError('DataHeaderForm has no provenance size');
  return size;
}

function wordsOf(form: FormP5, element: number): ElementWords {
  const row = form.uints[element + 1];
  const word = (i: number): number => {
    const value = row?.[i];
    if (value === undefined) {
      throw new CorruptFileError(`DataHeaderForm describes element ${element} incompletely`, {
        expected: `${i + 1} words`,
        found: row?.length ?? 0,
      });
    }
    return value;
  };
  const [w0, w1, w2] = [word(0), word(1), word(2)];
  const version = w0 & 0xffff;
  const oid1At = (version & HAS_TECHNOLOGY) !== 0 ? 4 : 3;
  const long = (version & LONG_COUNTS) !== 0;
  const counts = word(oid1At + 1);
  return {
    version,
    keyPosition: w0 >>> 16,
    guidIndex: w1 >>> 16,
    classIndex: w1 & 0xffff,
    prefixIndex: w2 >>> 16,
    typeIndex: w2 & 0xffff,
    technology: oid1At === 4 ? word(3) : TECHNOLOGY.tree,
    oid1At,
    keyIndex: long ? counts : counts >>> 16,
    clid: word(oid1At + (long ? 4 : 2)),
  };
}

function text(form: FormP5, index: number): string {
  const value = form.map[index];
  if (value === undefined) {
    throw new CorruptFileError('DataHeaderForm names a text it does not have', { expected: `below ${form.map.length}`, found: index });
  }
  return value;
}

/** Container text: prefix and type from the table, if there is a prefix, then the element's token with the key inserted. */
function containerOf(form: FormP5, words: ElementWords, stored: StoredElementP5): string {
  const head = words.prefixIndex === 0 ? '' : text(form, words.prefixIndex) + (words.typeIndex > 0 ? text(form, words.typeIndex) : '');
  if (words.keyPosition === 0) return head + stored.token;
  const at = words.keyPosition - 1;
  return head + stored.token.slice(0, at) + text(form, words.keyIndex) + stored.token.slice(at);
}

/** Decodes element `k` of a header with its form. */
export function decodeElementP5(form: FormP5, k: number, stored: StoredElementP5): HeaderElement {
  const isProvenance = k < provenanceSize(form);
  if (((form.uints[k + 1]?.[0] ?? 0) & 0xffff) === 0) {
    const { db, container, classId, technology, oid1, oid2 } = parseToken(stored.token);
    return { db, container, classId, technology, oid1, oid2, key: '', clid: 0, isProvenance };
  }
  const words = wordsOf(form, k);
  return {
    db: text(form, words.guidIndex),
    container: containerOf(form, words, stored),
    classId: text(form, words.classIndex),
    technology: words.technology,
    oid1: BigInt(form.uints[k + 1]?.[words.oid1At] as number),
    oid2: BigInt(stored.oid2),
    key: text(form, words.keyIndex),
    clid: words.clid,
    isProvenance,
  };
}

/**
 * Digest of a form, the header's m_dhFormMdx: MD5 over each text and a newline, then each word row
 * as `x,` … and a newline, printed as a GUID. Readers take equal digests for equal forms.
 */
export function formDigestP5(form: FormP5): string {
  const lines = [...form.map, ...form.uints.map((row) => (row.length === 0 ? '' : `${row.join(',')},`)), ''];
  return formatGuid(createHash('md5').update(lines.join('\n')).digest());
}
