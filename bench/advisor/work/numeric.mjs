// Number crunching: four programs of the Computer Language Benchmarks Game as functions, and a matrix library.
import { Matrix } from "ml-matrix";

const days = 365.24;
const solarMass = 4 * Math.PI * Math.PI;

function bodies() {
  return [
    [0, 0, 0, 0, 0, 0, solarMass],
    [
      4.84143144246472,
      -1.16032004402742,
      -0.103622044471123,
      0.00166007664274403 * days,
      0.0076990111841974 * days,
      -6.90460016972063e-5 * days,
      9.54791938424326e-4 * solarMass,
    ],
    [
      8.34336671824457,
      4.1247985641243,
      -0.403523417114321,
      -0.00276742510726411 * days,
      0.00499852801234917 * days,
      2.30417297573763e-5 * days,
      2.8588598066613e-4 * solarMass,
    ],
    [
      12.8943695621391,
      -15.1111514016986,
      -0.223307578892655,
      0.00296460137564761 * days,
      0.0023784717395948 * days,
      -2.96589568540237e-5 * days,
      4.36624404335156e-5 * solarMass,
    ],
    [
      15.3796971148509,
      -25.9193146099879,
      0.179258772950371,
      0.00268067772490389 * days,
      0.00162824170038242 * days,
      -9.51592254519715e-5 * days,
      5.15138902046611e-5 * solarMass,
    ],
  ];
}

/** @param {number} steps */
export function nbody(steps) {
  const system = bodies();
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < system.length; i++) {
      const a = system[i];
      for (let j = i + 1; j < system.length; j++) {
        const b = system[j];
        const dx = a[0] - b[0];
        const dy = a[1] - b[1];
        const dz = a[2] - b[2];
        const squared = dx * dx + dy * dy + dz * dz;
        const pull = 0.01 / (squared * Math.sqrt(squared));
        a[3] -= dx * b[6] * pull;
        a[4] -= dy * b[6] * pull;
        a[5] -= dz * b[6] * pull;
        b[3] += dx * a[6] * pull;
        b[4] += dy * a[6] * pull;
        b[5] += dz * a[6] * pull;
      }
    }
    for (const body of system) {
      body[0] += 0.01 * body[3];
      body[1] += 0.01 * body[4];
      body[2] += 0.01 * body[5];
    }
  }
  return system.map((body) => body[0]);
}

/** @param {number} n */
export function fannkuch(n) {
  const first = Array.from({ length: n }, (_, i) => i);
  const count = new Array(n).fill(0);
  let most = 0;
  let checksum = 0;
  let rest = n;
  for (let permutation = 0; ; permutation++) {
    for (; rest !== 1; rest--) count[rest - 1] = rest;
    const list = [...first];
    let flips = 0;
    for (let head = list[0]; head !== 0; head = list[0]) {
      for (let low = 0, high = head; low < high; low++, high--) [list[low], list[high]] = [list[high], list[low]];
      flips++;
    }
    most = Math.max(most, flips);
    checksum += permutation % 2 === 0 ? flips : -flips;
    for (; ; rest++) {
      if (rest === n) return [checksum, most];
      const head = first[0];
      for (let i = 0; i < rest; i++) first[i] = first[i + 1];
      first[rest] = head;
      if (--count[rest] > 0) break;
    }
  }
}

/** @param {number} n */
export function spectralNorm(n) {
  /** @param {number} i @param {number} j */
  const a = (i, j) => 1 / (((i + j) * (i + j + 1)) / 2 + i + 1);
  /** @param {Float64Array} v @param {boolean} transposed */
  const times = (v, transposed) => Float64Array.from(v, (_, i) => v.reduce((sum, x, j) => sum + (transposed ? a(j, i) : a(i, j)) * x, 0));
  let u = new Float64Array(n).fill(1);
  let v = u;
  for (let i = 0; i < 3; i++) {
    v = times(times(u, false), true);
    u = times(times(v, false), true);
  }
  const product = u.reduce((sum, x, i) => sum + x * (v[i] ?? 0), 0);
  return Math.sqrt(product / v.reduce((sum, x) => sum + x * x, 0)).toFixed(9);
}

/** One line of the picture. @param {number} y */
export function mandelbrotLine(y) {
  const size = 400;
  const line = new Uint8Array(size);
  for (let x = 0; x < size; x++) {
    const cr = (2 * x) / size - 1.5;
    const ci = (2 * y) / size - 1;
    let zr = 0;
    let zi = 0;
    let i = 0;
    for (; i < 200 && zr * zr + zi * zi < 4; i++) [zr, zi] = [zr * zr - zi * zi + cr, 2 * zr * zi + ci];
    line[x] = i;
  }
  return line;
}

/** @param {number} n */
export function matrixMultiply(n) {
  const left = Matrix.zeros(n, n).fill(1.5);
  const right = Matrix.eye(n, n, 2);
  return left.mmul(right).trace();
}
