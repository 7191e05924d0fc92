/** Options of Arrow files that are written; they stand apart from what needs the types of apache-arrow, which is optional. */

/** How a file is written. */
export interface ArrowOptions {
  /** Replace an existing file. */
  force?: boolean;
  /** Rows in a record batch; default 65 536. */
  batchRows?: number;
}
