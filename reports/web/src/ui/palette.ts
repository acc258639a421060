// Colours of the plots, light and dark. Ranks are a ramp of blues (safe for every kind of colour vision): the best tenth strongest.
// One accent, orange, marks the best trial and what the reader chose.

export interface Palette {
  ink: string;
  soft: string;   // secondary text
  faint: string;  // axis labels
  line: string;   // axes and grid
  card: string;
  accent: string;
  ghost: string;  // what the filter left out
  lost: string;   // failed and diverged trials
  lowSign: string;   // of signed pictures: negative
  highSign: string;  // positive
  ranks: readonly string[];
  series: readonly string[];  // studies (after Okabe and Ito, 2008)
  inkOn: (color: string) => string;
}

export const LIGHT: Palette = {
  ink: '#14171c', soft: '#4a5260', faint: '#616a78', line: '#e2e5ea', card: '#ffffff', accent: '#c2410c', ghost: '#e4e7eb', lost: '#8a6d5c', lowSign: '#124a91', highSign: '#c2410c', inkOn,
  ranks: ['#0b2e66', '#124a91', '#1f63b0', '#3a7cc4', '#5a93cf', '#7aa8d6', '#97badd', '#aec7e1', '#c2d3e5', '#d2ddea'],
  series: ['#0067a3', '#b34e00', '#00805e', '#a3457e', '#7a6000', '#2f76b8', '#5c5c66', '#8c3b3b'],
};

export const DARK: Palette = {
  ink: '#eceff3', soft: '#b6becb', faint: '#939dac', line: '#2c323b', card: '#181c22', accent: '#ff9a5c', ghost: '#262c34', lost: '#a08372', lowSign: '#79b1ee', highSign: '#ff9a5c', inkOn,
  ranks: ['#eaf4ff', '#c3defc', '#9dc8f7', '#79b1ee', '#5b9ae0', '#4683c9', '#386fb1', '#305d95', '#2b4e7b', '#284366'],
  series: ['#56a8e0', '#f08a3c', '#35c29a', '#dd8fc0', '#d9bd4a', '#9cc7ee', '#a9a9b4', '#e08585'],
};

/** 0: the best tenth, ..., 9; below 0 (not ranked): faint. */
export function rankColor(palette: Palette, decile: number): string {
  return decile < 0 ? palette.ghost : palette.ranks[Math.min(9, decile)];
}

/** The ramp as a continuum: 0 the best, 1 the worst. */
export function rampColor(palette: Palette, share: number): string {
  const at = Math.max(0, Math.min(1, share)) * 9;
  const i = Math.min(8, Math.floor(at));
  const mix = (from: string, to: string, channel: number) => {
    const [a, b] = [from, to].map((c) => parseInt(c.slice(1 + 2 * channel, 3 + 2 * channel), 16));
    return Math.round(a + (b - a) * (at - i)).toString(16).padStart(2, '0');
  };
  return '#' + [0, 1, 2].map((c) => mix(palette.ranks[i], palette.ranks[i + 1], c)).join('');
}

/** Black or white, whichever reads better on a colour (relative luminance, WCAG 2). */
export function inkOn(color: string): string {
  const linear = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255)
                     .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
