/**
 * TDatime: a u32 with local time to the second,
 * (year - 1995) << 26 | month << 22 | day << 17 | hour << 12 | minute << 6 | second.
 * Source: ROOT core/base/src/TDatime.cxx. Zone is not stored; we write and show UTC.
 */

/** Packs a date (UTC) into a TDatime. Years outside 1995–2058 are clamped. */
export function encodeDatime(date: Date): number {
  const year = Math.min(63, Math.max(0, date.getUTCFullYear() - 1995));
  const days = (date.getUTCMonth() + 1) * 2 ** 22 + date.getUTCDate() * 2 ** 17;
  return year * 2 ** 26 + days + date.getUTCHours() * 2 ** 12 + date.getUTCMinutes() * 2 ** 6 + date.getUTCSeconds();
}

/** Unpacks a TDatime as text `YYYY-MM-DD hh:mm:ss`. */
export function formatDatime(datime: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const year = 1995 + (datime >>> 26);
  const day = `${year}-${two(datetimeBits(datime, 22, 4))}-${two(datetimeBits(datime, 17, 5))}`;
  return `${day} ${two(datetimeBits(datime, 12, 5))}:${two(datetimeBits(datime, 6, 6))}:${two(datetimeBits(datime, 0, 6))}`;
}

function datetimeBits(datime: number, shift: number, width: number): number {
  return (datime >>> shift) & ((1 << width) - 1);
}
