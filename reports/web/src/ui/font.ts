/** Of the page and its plots. Without quotes: ECharts puts it into attributes of saved SVG as it is. */
export const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Noto Sans, DejaVu Sans, sans-serif';
