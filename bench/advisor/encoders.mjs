// Stands in this folder and not in the build, so that packages come from the node_modules here.
import jpegJs from "jpeg-js";
import { PNG } from "pngjs";

/** @param {{ width: number; height: number; data: Buffer }} picture */
export function jpeg(picture) {
  return jpegJs.encode(picture, 80).data;
}

/** @param {{ width: number; height: number; data: Buffer }} picture */
export function png({ width, height, data }) {
  const image = new PNG({ width, height });
  data.copy(image.data);
  return PNG.sync.write(image);
}
