// One stream: its picture, its state and its labels.

import * as format from "./format.js";
import { LabelRow } from "./label.js";

const template = document.getElementById("stream-card");

/** The signal that a label is of; null for a label in words. */
const signalOf = ({ text }) => (text.startsWith("signal:") ? text.slice("signal:".length) : null);

export class StreamCard {
  constructor(stream) {
    this.name = stream.stream;
    this.rows = new Map();
    this.element = template.content.cloneNode(true).firstElementChild;
    this.find = (selector) => this.element.querySelector(selector);
    this.find("h2").textContent = this.name;
    this.image = this.find("img");
    this.image.alt = `The newest picture of ${this.name}`;
    this.isVisible = true;
    this.expectNews();
    new IntersectionObserver((entries) => (this.isVisible = entries.at(-1).isIntersecting)).observe(this.find(".view"));
    this.update(stream);
  }

  /** Gives pictures and scores the time to come. */
  expectNews() {
    this.scored = this.looked = performance.now();
  }

  /** Whether an online stream has brought no score, or no picture that is to be seen, for longer than it may take. */
  isLate() {
    if (this.state === "offline") return false;
    const limit = 10_000 + 1000 * this.window;
    const now = performance.now();
    // Without labels in words there are no decisions; the scores of signals come with the stream's entry.
    return (this.isScored && now - this.scored > limit) || (this.isVisible && now - this.looked > limit);
  }

  /** Shows the stream's entry of `api/v1/streams`. */
  update(stream) {
    this.setHealth(stream);
    this.window = stream.window_seconds;
    this.isScored = stream.labels.some((label) => signalOf(label) === null);
    const show = (selector, text) => (this.find(selector).textContent = text);
    show(".lag", stream.decisions ? format.length(stream.lag_seconds) : "–");
    show(".window", `${stream.window_seconds} s, ${stream.reuse}`);
    this.showSeen(stream.view, stream.seen);
    show(".source", stream.codec ? `${stream.codec} ${stream.width}×${stream.height}` : "–");
    show(".decisions", stream.decisions.toLocaleString());
    const names = new Set(stream.labels.map((label) => label.label));
    for (const [name, row] of this.rows) {
      if (names.has(name)) continue;
      row.element.remove();
      this.rows.delete(name);
    }
    for (const label of stream.labels) {
      const row = this.rows.get(label.label);
      if (row) {
        row.update(label);
      } else {
        const made = new LabelRow(this.name, label);
        this.rows.set(label.label, made);
        this.find(".labels").append(made.element);
      }
    }
  }

  /** Adds the scores of the signals that the stream's entry of `api/v1/streams` has, at its time in seconds. */
  addSignals(stream, time) {
    if (stream.state === "offline") return;
    for (const label of stream.labels) {
      const score = stream.signals[signalOf(label)];
      if (score !== undefined) this.rows.get(label.label)?.add(time, score);
    }
  }

  /** Draws what the model sees into the picture. */
  showSeen(view, seen) {
    this.find(".sight").textContent = seen ? `${view}, ${Math.round(100 * seen.share)} %` : view;
    const news = JSON.stringify(seen);
    if (news === this.seen) return;
    this.seen = news;
    const percent = (value) => `${(100 * value).toFixed(3)}%`;
    const boxes = (seen?.parts ?? []).map((part) => {
      const box = document.createElement("i");
      box.title = part.part ?? view;
      Object.assign(box.style, {
        left: percent(part.x),
        top: percent(part.y),
        width: percent(part.width),
        height: percent(part.height),
      });
      return box;
    });
    this.find(".seen").replaceChildren(...boxes);
    this.fitSeen();
  }

  /** Lays the drawing over the picture, which leaves bars beside it or above it. */
  fitSeen() {
    const { naturalWidth, naturalHeight } = this.image;
    const frame = this.find(".view").getBoundingClientRect();
    const overlay = this.find(".seen");
    overlay.hidden = !naturalWidth || !overlay.firstChild;
    if (overlay.hidden || !frame.width) return;
    const ratio = naturalWidth / naturalHeight;
    const width = Math.min(frame.width, frame.height * ratio);
    overlay.style.width = `${(100 * width) / frame.width}%`;
    overlay.style.height = `${(100 * width) / ratio / frame.height}%`;
  }

  setHealth({ state, reason }) {
    if (this.state === "offline" && state !== "offline") this.expectNews();
    this.state = state;
    const pill = this.find(".state");
    pill.textContent = state;
    pill.dataset.state = state;
    const words = this.find(".reason");
    words.hidden = !reason;
    words.textContent = reason ?? "";
    this.element.classList.toggle("offline", state === "offline");
  }

  /** Requests the newest picture, if it is visible. */
  async look() {
    if (!this.isVisible) this.looked = performance.now();
    if (this.isLooking || !this.isVisible || document.hidden || this.state === "offline") return;
    this.isLooking = true;
    try {
      const answer = await fetch(`api/v1/streams/${this.name}/frame.jpg`);
      // 202: the stream is being opened.
      if (answer.status !== 200) return;
      // The server waits for a new picture only so long; an old one is no news.
      const taken = new Date(answer.headers.get("X-Taken"));
      if (taken > (this.taken ?? 0)) this.looked = performance.now();
      this.taken = taken;
      const address = URL.createObjectURL(await answer.blob());
      const before = this.image.src;
      this.image.src = address;
      this.image.hidden = false;
      this.find(".blank").hidden = true;
      this.find(".when").textContent = format.clock(taken);
      await this.image.decode().catch(() => {});
      this.fitSeen();
      if (before) URL.revokeObjectURL(before);
    } catch {
      // The daemon is unreachable. The page shows this elsewhere.
    } finally {
      this.isLooking = false;
    }
  }
}
