// Use: number crunching on an image. A blur, row by row, on as many threads as there are processors; the image lies in shared memory, so
// nothing of it is copied.
//
//   node --import tsx examples/uses/image-filter.ts [in.ppm out.ppm]
//
// PPM (P6, 8 bits) is the simplest format there is; without a file a test picture is drawn. Prints the time for 1 … n threads and the speed-up.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { isMainLevel, openThreads, portable } from "brigade";

/** An image in shared memory, three bytes a pixel. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array<SharedArrayBuffer>;
}

const radius = 6;

/** Blurs rows `from` to `to` of one image into another of the same size: each pixel becomes the mean of its neighbours. */
export const blurRows = portable("blurRows", (source: Image, target: Image, from: number, to: number): void => {
  const { width, height, pixels } = source;
  for (let y = from; y < to; y++) {
    const [top, bottom] = [Math.max(0, y - radius), Math.min(height - 1, y + radius)];
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.max(0, x - radius), Math.min(width - 1, x + radius)];
      let [red, green, blue] = [0, 0, 0];
      for (let row = top; row <= bottom; row++) {
        for (let at = 3 * (row * width + left), end = 3 * (row * width + right); at <= end; at += 3) {
          red += pixels[at] as number;
          green += pixels[at + 1] as number;
          blue += pixels[at + 2] as number;
        }
      }
      const count = (bottom - top + 1) * (right - left + 1);
      target.pixels.set([red / count, green / count, blue / count], 3 * (y * width + x));
    }
  }
});

function emptyImage(width: number, height: number): Image {
  return { width, height, pixels: new Uint8Array(new SharedArrayBuffer(3 * width * height)) };
}

function testPicture(width: number, height: number): Image {
  const image = emptyImage(width, height);
  for (let at = 0, n = 0; at < image.pixels.length; at += 3, n++) {
    const [x, y] = [n % width, Math.floor(n / width)];
    image.pixels.set([(x ^ y) & 255, (x * 3) & 255, (y * 5) & 255], at);
  }
  return image;
}

/** Reads a binary PPM. Throws `RangeError` for anything else. */
function readImage(path: string): Image {
  const bytes = readFileSync(path);
  const header = /^P6\s+(?:#[^\n]*\s+)*(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString("latin1", 0, 512));
  if (header === null) throw new RangeError(`${path} is no PPM of the kind P6 with 255 steps`);
  const image = emptyImage(Number(header[1]), Number(header[2]));
  const pixels = bytes.subarray(header[0].length);
  if (pixels.length < image.pixels.length)
    throw new RangeError(`${path} ends after ${pixels.length} of ${image.pixels.length} bytes of pixels`);
  image.pixels.set(pixels.subarray(0, image.pixels.length));
  return image;
}

if (isMainLevel()) {
  const [input, output] = process.argv.slice(2);
  const size = Number(process.env.BRIGADE_EXAMPLE_SIZE ?? 900);
  const source = input === undefined ? testPicture(size, size) : readImage(input);
  const target = emptyImage(source.width, source.height);
  console.log(`${source.width} × ${source.height} pixels, each the mean of ${(2 * radius + 1) ** 2}`);

  let alone = 0;
  for (let size = 1; size <= availableParallelism(); size *= 2) {
    await using pool = openThreads({ size, name: "filter" });
    await pool.broadcast(blurRows, source, target, 0, Math.min(60, source.height)); // for the compiler
    // More bands than threads: who is done early takes another.
    const bands = Array.from({ length: 8 * size }, (_, n) => Math.round((n * source.height) / (8 * size)));
    const start = performance.now();
    await Promise.all(bands.map((from, n) => pool.run(blurRows, source, target, from, bands[n + 1] ?? source.height)));
    const ms = performance.now() - start;
    if (size === 1) alone = ms;
    console.log(`${size} ${size === 1 ? "thread " : "threads"} ${ms.toFixed(0).padStart(6)} ms   ${(alone / ms).toFixed(2)}×`);
  }
  const checksum = target.pixels.reduce((sum, value) => (sum * 31 + value) >>> 0, 7);
  console.log(`checksum ${checksum.toString(16)}`);
  if (output !== undefined) {
    writeFileSync(output, Buffer.concat([Buffer.from(`P6\n${target.width} ${target.height}\n255\n`), target.pixels]));
    console.log(`written to ${output}`);
  }
}
