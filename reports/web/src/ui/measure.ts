import {FONT} from './chart';
import {clip} from './format';

let context: CanvasRenderingContext2D | null = null;

/** The text, shortened until it is at most `pixels` wide in the page's font. */
export function fit(text: string, pixels: number, size: number, weight = 400): string {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return clip(text, Math.floor(pixels / size * 1.6));
  context.font = `${weight} ${size}px ${FONT}`;
  const characters = [...text];
  let most = Math.min(characters.length, 200);
  while (most > 2 && context.measureText(clip(text, most)).width > pixels) --most;
  return clip(text, most);
}
