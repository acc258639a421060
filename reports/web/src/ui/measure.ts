import {FONT} from './font';
import {clip} from './format';

let context: CanvasRenderingContext2D | null = null;

/** In pixels, in the page's font. */
export function widthOf(text: string, size: number, weight = 400): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * size * 0.6;
  context.font = `${weight} ${size}px ${FONT}`;
  return context.measureText(text).width;
}

/** The text, shortened until it is at most `pixels` wide in the page's font. */
export function fit(text: string, pixels: number, size: number, weight = 400): string {
  const characters = [...text];
  let most = Math.min(characters.length, 200);
  while (most > 2 && widthOf(clip(text, most), size, weight) > pixels) --most;
  return clip(text, most);
}
