// One label of a stream: its moving score, and the events that another threshold would have made.

import { ScoreChart, span } from "./chart.js";
import * as format from "./format.js";
import { eventsIn, labelLine, textsOf, withThreshold } from "./rules.js";

const template = document.getElementById("label-row");

/** The label's texts unless its name says them, and what competes with it. */
function describe(label) {
  const texts = textsOf(label);
  const best = label.combine === "max" ? "the best of: " : "";
  const parts = texts.length === 1 && texts[0] === label.label ? [] : [best + texts.join(" · ")];
  if (label.against) parts.push(`not: ${label.against.join(" · ")}`);
  return parts.join("; ");
}

export class LabelRow {
  constructor(stream, label) {
    this.samples = [];
    this.events = [];
    this.tried = null;
    this.element = template.content.cloneNode(true).firstElementChild;
    const find = (selector) => this.element.querySelector(selector);
    this.value = find(".score");
    this.canvas = find("canvas");
    this.chart = new ScoreChart(this.canvas);
    this.slider = find("input");
    this.output = find("output");
    this.shown = find(".tune b");
    this.change = find(".change");
    this.code = find("code");
    find("h3").textContent = label.label;
    this.text = find(".text");
    find("label .unseen").textContent = `Try another threshold for ${label.label} on ${stream}`;
    find(".hint").textContent =
      `This is the label's line for the stream ${stream} in the configuration. Keep its other keys, then reload.`;
    this.slider.addEventListener("input", () => this.tryOut(Number(this.slider.value)));
    find(".reset").addEventListener("click", () => {
      this.tryOut(this.label.threshold);
      this.slider.focus();
    });
    find(".copy").addEventListener("click", (event) => this.copy(event.target));
    this.update(label);
  }

  /** Applies the label's current texts and rules. */
  update(label) {
    const isAnother = JSON.stringify(label) !== JSON.stringify(this.label);
    this.label = label;
    if (!isAnother) return;
    this.text.textContent = describe(label);
    // A threshold that is learned moves while another is being tried.
    this.tryOut(this.isTrying ? this.threshold : label.threshold);
  }

  add(time, score) {
    this.samples.push({ time, score });
    while (this.samples.length && this.samples[0].time < time - span - 30) this.samples.shift();
    this.value.textContent = format.score(score);
    this.value.classList.toggle("high", score >= this.label.threshold);
  }

  /** An event of this label started, continued or ended. */
  noteEvent(id, start, end) {
    const known = this.events.find((event) => event.id === id);
    if (known) known.end = end;
    else this.events.push({ id, start, end });
    this.element.classList.toggle("open", this.events.some((event) => event.end === null));
  }

  /** Keeps only these events open. */
  keepOpen(ids, now) {
    for (const event of this.events) if (event.end === null && !ids.has(event.id)) event.end = now;
    this.element.classList.toggle("open", this.events.some((event) => event.end === null));
  }

  tryOut(threshold) {
    const isSame = Math.abs(threshold - this.label.threshold) < 0.005;
    this.threshold = isSame ? this.label.threshold : threshold;
    this.slider.value = this.threshold;
    this.isTrying = !isSame;
    this.change.hidden = isSame;
    if (!isSame) this.code.textContent = labelLine(this.label, threshold);
    this.count();
  }

  count() {
    const events = eventsIn(this.samples, withThreshold(this.label, this.threshold));
    this.tried = this.isTrying ? { threshold: this.threshold, events } : null;
    const first = this.samples[0];
    const seen = first ? this.samples.at(-1).time - first.time : 0;
    const number = events.length === 1 ? "1 event" : `${events.length} events`;
    const text = seen > 0 ? `${number} in ${format.roughly(seen)}` : "no scores yet";
    if (this.output.textContent !== text) this.output.textContent = text;
    this.shown.textContent = format.score(this.threshold);
    this.slider.setAttribute("aria-valuetext", `${format.score(this.threshold)}, ${this.isTrying ? "would be " : ""}${text}`);
  }

  draw(now) {
    this.events = this.events.filter((event) => event.end === null || event.end > now - span);
    this.chart.draw(now, this.samples, this.events, this.label, this.tried);
  }

  /** Describes the chart for screen readers, every few seconds. */
  describe() {
    const last = this.samples.at(-1);
    if (!last) return this.canvas.setAttribute("aria-label", `No score of ${this.label.label} yet`);
    const highest = Math.max(...this.samples.map((sample) => sample.score));
    this.canvas.setAttribute(
      "aria-label",
      `Score of ${this.label.label}: now ${format.score(last.score)}, at most ${format.score(highest)} in the last minutes; threshold ${this.label.threshold}`,
    );
  }

  async copy(button) {
    try {
      await navigator.clipboard.writeText(this.code.textContent);
      button.textContent = "Copied";
    } catch {
      // Browsers allow the clipboard only on secure addresses. From another machine, the line is selected instead.
      getSelection().selectAllChildren(this.code);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }
}
