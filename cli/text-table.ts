/** Tables as text: columns two blanks apart, as wide as their widest cell. */

/** Rows of cells as lines; cells of columns that `isNumber` names stand at the right. */
export function tableLines(rows: readonly (readonly string[])[], isNumber: (column: number) => boolean = () => false): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  const aligned = (cell: string, column: number): string =>
    isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(aligned).join('  ').trimEnd());
}
