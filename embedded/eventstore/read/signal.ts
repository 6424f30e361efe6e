/** How those who follow the log are woken. */

/** A flag that one loop waits for and others raise; raising it while nobody waits is remembered. */
export class Signal {
  private isRaised = false;
  private release: (() => void) | undefined;

  raise(): void {
    this.isRaised = true;
    this.release?.();
    this.release = undefined;
  }

  lower(): void {
    this.isRaised = false;
  }

  raised(): Promise<void> {
    if (this.isRaised) return Promise.resolve();
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }
}
