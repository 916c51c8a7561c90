import type { Step } from "../../../src/demo/helpdesk/index.ts";
import type { HelpdeskUnderTest } from "../helpdesk-under-test.ts";

interface Work {
  readonly steps: readonly Step[];
  readonly done: (results: unknown[]) => void;
  readonly failed: (error: unknown) => void;
}

/** A request of a real helpdesk costs much more than a step; no more than these, because one that fails stops the rest. */
const stepsPerRequest = 25;

/** Carries out the steps of many cases with few requests: those that are asked for at the same time go together. */
export class Hands {
  readonly #helpdesk: HelpdeskUnderTest;
  #waiting: Work[] = [];
  #isSending = false;

  constructor(helpdesk: HelpdeskUnderTest) {
    this.#helpdesk = helpdesk;
  }

  /** Results of the steps. A step of somebody else that fails in the same request fails these, too. */
  async do(steps: readonly Step[]): Promise<unknown[]> {
    return new Promise((done, failed) => {
      this.#waiting.push({ steps, done, failed });
      if (!this.#isSending) void this.#send();
    });
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    // Whoever asks at the same time has done so then.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const together: Work[] = [];
      let count = 0;
      while (
        this.#waiting[0] !== undefined &&
        (count === 0 || count + this.#waiting[0].steps.length <= stepsPerRequest)
      ) {
        count += this.#waiting[0].steps.length;
        together.push(...this.#waiting.splice(0, 1));
      }
      await this.#carryOut(together);
    }
    this.#isSending = false;
  }

  async #carryOut(together: readonly Work[]): Promise<void> {
    try {
      const results = await this.#helpdesk.byHand(together.flatMap(({ steps }) => steps));
      let place = 0;
      for (const { steps, done } of together) done(results.slice(place, (place += steps.length)));
    } catch (error) {
      for (const { failed } of together) failed(error);
    }
  }
}
