// Figures with the units that reports name.
import { bandwidth, digits, duration, factor, grouped, megabytes } from "../text/units.ts";

const inMs: Readonly<Record<string, number>> = { ms: 1, µs: 1e-3, us: 1e-3, ns: 1e-6, s: 1000 };

/** A value in its unit, as people read it; an unknown unit is written out. */
export function inUnit(value: number, unit: string): string {
  if (!Number.isFinite(value)) return "–";
  const scale = inMs[unit];
  if (scale !== undefined) return time(value * scale);
  switch (unit) {
    case "bytes":
      return bytes(value);
    case "ns/KB":
      // the row's title names the KB
      return time(value * 1e-6);
    case "units":
    case "threads":
    case "per switch":
      return short(value);
    case "MB/s":
      return bandwidth(value);
    case "MB":
      return megabytes(value);
    case "times":
    case "×":
      return `${factor(value)}×`;
    case "share":
      return `${digits(value * 100)} %`;
    case "survives":
      return value >= 1 ? "survives" : "dies";
    default:
      return unit === "" ? short(value) : `${short(value)} ${unit}`;
  }
}

/** Milliseconds, down to nanoseconds; below zero where noise is larger than a difference. */
function time(ms: number): string {
  if (ms < 0) return `−${time(-ms)}`;
  return ms !== 0 && Math.abs(ms) < 1e-3 ? `${digits(ms * 1e6)} ns` : duration(ms);
}

function bytes(value: number): string {
  if (value < 1024) return `${short(value)} B`;
  if (value < 1024 ** 2) return `${digits(value / 1024)} KB`;
  return value < 1024 ** 3 ? `${digits(value / 1024 ** 2)} MB` : `${digits(value / 1024 ** 3)} GB`;
}

function short(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100 ? grouped(value) : digits(value);
}
