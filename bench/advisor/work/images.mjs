// Images: decoding in JavaScript; the pixels shrunk to a thumbnail, or brought home as they are.
import { readFileSync } from "node:fs";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";

/** @param {string} path */
export function pngThumbnail(path) {
  const { width, height, data } = PNG.sync.read(readFileSync(path));
  return thumbnail(width, height, data);
}

/** @param {string} path */
export function jpegThumbnail(path) {
  const { width, height, data } = jpeg.decode(readFileSync(path), { useTArray: true });
  return thumbnail(width, height, data);
}

/** @param {string} path */
export function jpegPixels(path) {
  return jpeg.decode(readFileSync(path), { useTArray: true }).data;
}

/** The mean of each of 16 × 16 fields. @param {number} width @param {number} height @param {Uint8Array} data */
function thumbnail(width, height, data) {
  const sums = new Float64Array(256);
  const counts = new Float64Array(256);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const field = Math.floor((y * 16) / height) * 16 + Math.floor((x * 16) / width);
      sums[field] += data[(y * width + x) * 4] ?? 0;
      counts[field] += 1;
    }
  }
  return Uint8Array.from(sums, (sum, field) => sum / (counts[field] ?? 1));
}
