// Draws what is near the screen: the first time it comes there, and again when it changed; what is elsewhere waits.

const painters = new Map<Element, Painter>();
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) painters.get(entry.target)?.see(entry.isIntersecting);
}, {rootMargin: '200px'});
addEventListener('beforeprint', () => painters.forEach((painter) => painter.see(true)));

export class Painter {
  private visible = false;
  private stale = true;
  private due = 0;

  constructor(element: Element, private readonly draw: () => void) {
    painters.set(element, this);
    watcher.observe(element);
  }

  /** Draws again soon; several calls in a frame are one. */
  update(): void {
    this.stale = true;
    if (!this.visible || this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      this.paint();
    });
  }

  see(visible: boolean): void {
    this.visible = visible;
    if (visible && this.stale && !this.due) this.paint();
  }

  /** Elements of a study that is no longer shown. */
  static forget(): void {
    for (const [element] of painters) {
      if (element.isConnected) continue;
      watcher.unobserve(element);
      painters.delete(element);
    }
  }

  private paint(): void {
    this.stale = false;
    this.draw();
  }
}
