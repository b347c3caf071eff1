// The open and the recent events.

import * as format from "./format.js";

/** The number of recent events to show. */
const shownEvents = 60;

export class EventLists {
  constructor() {
    this.open = new Map();
    this.recent = new Map();
    this.strips = new Map();
    const ids = ["open", "recent", "open-count", "jump-count", "open-empty", "recent-empty", "news"];
    this.elements = Object.fromEntries(ids.map((id) => [id, document.getElementById(id)]));
  }

  /** Adds a record of the feed; `isNews` if the event has just happened. */
  add(record, isNews) {
    if (this.recent.has(record.id)) return;
    const place = `${record.label} on ${record.stream}`;
    if (record.state === "ended") {
      this.open.delete(record.id);
      this.recent.set(record.id, record);
      if (isNews) this.elements.news.textContent = `${place} ended after ${format.length(record.duration ?? 0)}`;
    } else {
      if (isNews && record.state === "started") this.elements.news.textContent = `${place} started`;
      this.open.set(record.id, record);
    }
  }

  /** Replaces the open events: the open events of an earlier feed ended unseen. */
  setOpen(records) {
    this.open = new Map(records.map((record) => [record.id, record]));
  }

  draw(now) {
    const open = [...this.open.values()].reverse();
    this.elements.open.replaceChildren(...open.map((record) => this.item(record, now)));
    this.elements["open-count"].textContent = open.length;
    this.elements["jump-count"].textContent = open.length;
    this.elements["open-empty"].hidden = open.length > 0;
    document.title = open.length ? `(${open.length}) Watchword` : "Watchword";
  }

  drawRecent() {
    // Sorted by time, because the numbers may start again.
    const recent = [...this.recent.values()].sort((a, b) => b.time.localeCompare(a.time)).slice(0, shownEvents);
    this.recent = new Map(recent.map((record) => [record.id, record]));
    this.elements.recent.replaceChildren(...recent.map((record) => this.item(record)));
    this.elements["recent-empty"].hidden = recent.length > 0;
  }

  /**
   * The pictures that decided the event, with a link to its clip if there is one. Each event has one element, so that
   * its picture is loaded only once.
   */
  strip(record) {
    const known = this.strips.get(record.id);
    if (known) return known;
    const image = make("img");
    image.loading = "lazy";
    image.alt = `The pictures that decided ${record.label} on ${record.stream}`;
    image.src = `api/v1/events/${record.id}/picture.jpg`;
    // The file is written a moment after the record, so it is requested once more. If it is still missing, hide the strip.
    let again = false;
    image.addEventListener("error", () => {
      if (again) element.hidden = true;
      else setTimeout(() => (image.src = `${image.src}?again`), 1500);
      again = true;
    });
    const link = make("a");
    link.href = `api/v1/events/${record.id}/${record.clip ? "clip.mp4" : "picture.jpg"}`;
    link.title = record.clip ? "The clip, available a little after the event's start" : "Full size";
    link.append(image);
    const element = make("div", "strip");
    element.append(link);
    this.strips.set(record.id, element);
    while (this.strips.size > 2 * shownEvents) this.strips.delete(this.strips.keys().next().value);
    return element;
  }

  item(record, now) {
    const start = new Date(record.start_time);
    const item = make("li", record.state === "ended" ? "" : "open");
    item.dataset.id = record.id;
    const time = make("time", "", format.clock(start));
    time.dateTime = record.start_time;
    time.title = start.toLocaleString();
    const seconds = record.duration ?? Math.max(0, now - start / 1000);
    const ending = format.endings[record.end_reason] ?? "";
    item.append(
      time,
      make("strong", "", record.label),
      make("span", "peak", format.score(record.top_score)),
      make("span", "place", `${record.stream}${record.part ? `, ${record.part}` : ""} · ${format.length(seconds)}${ending ? ` · ${ending}` : ""}`),
    );
    item.querySelector(".peak").title = "The highest score";
    if (record.picture) item.append(this.strip(record));
    return item;
  }
}

function make(name, style, text) {
  const element = document.createElement(name);
  if (style) element.className = style;
  if (text !== undefined) element.textContent = text;
  return element;
}
