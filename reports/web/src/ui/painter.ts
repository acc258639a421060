// Draws what is near the screen: the first time it comes there, and again when it changed; what is elsewhere waits.

const painters = new Map<Element, Painter>();
let watcher: IntersectionObserver | undefined;

/** Made with the first painter: where there is no window (unit tests) there is none. */
function watch(element: Element): void {
  if (!watcher) {
    watcher = new IntersectionObserver((entries) => {
      for (const entry of entries) painters.get(entry.target)?.see(entry.isIntersecting);
    }, {rootMargin: '200px'});
    addEventListener('beforeprint', () => painters.forEach((painter) => painter.see(true)));
  }
  watcher.observe(element);
}

/** A painting that took longer waits, while changes keep coming, until they rest: a brush must follow the pointer. */
const QUICK_MS = 20;
const REST_MS = 120;
const waiting = new Set<Painter>();

export class Painter {
  private visible = false;
  private stale = true;
  private due = 0;
  private resting = 0;
  private took = 0;  // milliseconds of the last painting

  /** `always`: in every frame, however long it takes: what the reader is dragging on. */
  constructor(element: Element, private readonly draw: () => void, private readonly always = false) {
    painters.set(element, this);
    watch(element);
  }

  /** Draws again soon; several calls in a frame are one. */
  update(): void {
    this.stale = true;
    if (!this.visible || this.due) return;
    if (this.took > QUICK_MS && !this.always) {
      clearTimeout(this.resting);
      waiting.add(this);
      this.resting = setTimeout(() => {
        waiting.delete(this);
        if (this.visible && this.stale) this.paint();
        document.documentElement.dataset.waiting = String(waiting.size);
      }, Math.max(REST_MS, 2 * this.took)) as unknown as number;
      document.documentElement.dataset.waiting = String(waiting.size);
      return;
    }
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      this.paint();
    });
  }

  see(visible: boolean): void {
    this.visible = visible;
    if (visible && this.stale && !this.due) this.paint();
  }

  /** Paints at once what is on the screen, in place of waiting for the watcher: a rebuilt page must not blink. */
  static showNow(): void {
    for (const [element, painter] of painters) {
      const box = element.getBoundingClientRect();
      if (box.bottom > -200 && box.top < innerHeight + 200) painter.see(true);
    }
  }

  /** Elements of a study that is no longer shown. */
  static forget(): void {
    for (const [element] of painters) {
      if (element.isConnected) continue;
      watcher?.unobserve(element);
      painters.delete(element);
    }
  }

  private paint(): void {
    this.stale = false;
    const begin = performance.now();
    this.draw();
    this.took = performance.now() - begin;
  }
}
