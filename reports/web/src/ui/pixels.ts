// Pictures made of bytes: painted once, enlarged by the browser without smoothing.
import {h} from './dom';

export function bytesOf(base64: string): Uint8Array {
  const binary = atob(base64);
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/** `color`: red, green, blue of the pixel at a position (row by row from above). */
export function picture(width: number, height: number, scale: number, label: string, color: (at: number) => readonly [number, number, number]): HTMLCanvasElement {
  const canvas = h('canvas', {width, height, class: 'pixels', role: 'img', 'aria-label': label});
  canvas.style.width = `${width * scale}px`;
  canvas.style.height = `${height * scale}px`;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; ++i) image.data.set([...color(i), 255], 4 * i);
  context.putImageData(image, 0, 0);
  return canvas;
}

export const rgb = (hex: string): [number, number, number] => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as [number, number, number];

export function mix(a: readonly number[], b: readonly number[], share: number): [number, number, number] {
  return [0, 1, 2].map((c) => Math.round(a[c] + (b[c] - a[c]) * share)) as [number, number, number];
}
