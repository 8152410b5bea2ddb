// Figures for people: three significant digits, the unit that needs no zeros, thousands grouped the same everywhere.

/** 1234567 → `1,234,567`. Not `toLocaleString`: a report reads the same on every machine. */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Milliseconds as ns, µs, ms, s or min. */
export function duration(ms: number): string {
  if (ms === 0) return "0 ms";
  // noise can be larger than a difference
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 0.0001) return `${digits(ms * 1e6)} ns`;
  if (ms < 0.1) return `${digits(ms * 1000)} µs`;
  if (ms < 1000) return digits(ms) === "1000" ? "1.00 s" : `${digits(ms)} ms`;
  return ms < 120_000 ? `${digits(ms / 1000)} s` : `${digits(ms / 60_000)} min`;
}

/** Megabytes, or gigabytes from 10,000 on. */
export function megabytes(value: number): string {
  return value < 10_000 ? `${Math.round(value)} MB` : `${digits(value / 1024)} GB`;
}

/** Megabytes a second, or gigabytes from 1,000 on. */
export function bandwidth(value: number): string {
  return value >= 1000 ? `${digits(value / 1000)} GB/s` : `${digits(value)} MB/s`;
}

/** Bytes as B, KB, MB or GB. */
export function memorySize(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const mb = bytes / 2 ** 20;
  return bytes < 1_000_000 ? `${digits(bytes / 1024)} KB` : mb < 1000 ? `${digits(mb)} MB` : `${digits(mb / 1024)} GB`;
}

/** Items per second: grouped, with decimals only where they matter. */
export function rate(value: number): string {
  return value < 10 ? digits(value) : grouped(value);
}

/** A factor such as `1.8`: one decimal, two below 0.95 where one would hide the loss, none from 100 on. */
export function factor(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 0.95 ? 1 : 2);
}

/** Three significant digits without an exponent. */
export function digits(value: number): string {
  if (value >= 99.95) return Math.round(value).toString();
  return value.toFixed(value >= 9.995 ? 1 : 2);
}
