/**
 * DataHeader: the list of references of one event. Elements of all storage versions decode to the
 * same `HeaderElement`; the versions differ in what lies in the header and what in its form.
 */

import type { Reference } from './token.ts';

/** Class GUIDs of headers and forms. Source: ATLAS athena Database/PersistentDataModelTPCnv. */
export const HEADER_CLASS_IDS = {
  headerP3: 'EC1318F0-8E28-45F8-9A2D-2597C1CC87A6',
  headerP4: '9630EB7B-CCD7-47D9-A39B-CBBF4133CDF2',
  headerP5: 'D82968A1-CF91-4320-B2DD-E0F739CBC7E6',
  formP5: '3397D8A3-BBE6-463C-9F8E-4B3DFD8831FE',
  headerP6: '4DDBD295-EFCE-472A-9EC8-15CD35A9EB8D',
  formP6: '7BE56CEF-C866-4BEE-9348-A5F34B5F1DAD',
} as const;

/** A decoded reference of a header. */
export interface HeaderElement extends Reference {
  /** StoreGate key, or the stream name for headers. */
  key: string;
  /** StoreGate class number (CLID). */
  clid: number;
  /** True for references to the headers of the files an event came from. */
  isProvenance: boolean;
}
