// The live page: reads the daemon's API and its live events. It changes nothing in the daemon.

import { EventLists } from "./events.js";
import { LiveFeed } from "./feed.js";
import { showFleet } from "./fleet.js";
import { StreamCard } from "./stream.js";

const cards = new Map();
const lists = new EventLists();
const link = document.getElementById("link");
/** The daemon's clock minus this machine's, in seconds. */
let ahead = 0;
let feedName = null;
/** Whether any stream lists a signal. */
let hasSignals = false;

const now = () => Date.now() / 1000 + ahead;
const seconds = (time) => Date.parse(time) / 1000;

function showLink(state, text) {
  if (link.dataset.state === state && link.textContent === text) return;
  link.dataset.state = state;
  link.textContent = text;
}

async function ask(path) {
  const answer = await fetch(path);
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function updateStreams() {
  const overview = await ask("api/v1/streams");
  hasSignals = overview.streams.some((stream) => stream.labels.some((label) => label.text.startsWith("signal:")));
  ahead = seconds(overview.time) - Date.now() / 1000;
  const frames = overview.trained_frames
    ? ` at ${overview.frames} frames a window, interpolated from ${overview.trained_frames}`
    : "";
  document.getElementById("model").textContent = `${overview.version} · model ${overview.model}${frames}`;
  showFleet(overview.fleet, now());
  const names = new Set(overview.streams.map((stream) => stream.stream));
  for (const [name, card] of cards) {
    if (names.has(name)) continue;
    card.element.remove();
    cards.delete(name);
  }
  for (const stream of overview.streams) {
    const card = cards.get(stream.stream);
    if (card) {
      card.update(stream);
      card.addSignals(stream, seconds(overview.time));
      continue;
    }
    const made = new StreamCard(stream);
    cards.set(stream.stream, made);
    document.getElementById("streams").append(made.element);
  }
}

async function updateRecent() {
  const { events } = await ask("api/v1/events?state=ended&limit=60");
  for (const record of events) take(record, false);
  lists.drawRecent();
}

const rowOf = (record) => cards.get(record.stream)?.rows.get(record.label);

function take(record, isNews) {
  lists.add(record, isNews);
  const end = record.end_time ? seconds(record.end_time) : null;
  rowOf(record)?.noteEvent(record.id, seconds(record.start_time), end);
}

const feed = new LiveFeed();

function listen() {
  const on = (type, body) => feed.on(type, body);
  on("hello", (hello) => {
    // Fetch what was missed while the daemon was away, and what has changed.
    if (feedName !== null) Promise.all([updateStreams(), updateRecent()]).catch(() => {});
    feedName = hello.feed_id;
  });
  on("snapshot", ({ open }) => {
    lists.setOpen(open);
    const ids = new Set(open.map((record) => record.id));
    for (const card of cards.values()) for (const row of card.rows.values()) row.keepOpen(ids, now());
    for (const record of open) take(record, false);
    lists.draw(now());
  });
  on("event", (record) => {
    take(record, true);
    lists.draw(now());
    if (record.state === "ended") lists.drawRecent();
  });
  on("stream", (health) => cards.get(health.stream)?.setHealth(health));
  on("scores", (record) => {
    const card = cards.get(record.stream);
    if (!card) return;
    card.scored = performance.now();
    for (const [label, score] of Object.entries(record.scores)) card.rows.get(label)?.add(seconds(record.time), score);
  });
  feed.start();
}

/** The page is live only while pictures and scores come. */
function showFreshness() {
  if (!feed.isOpen) return showLink("lost", "the daemon is unreachable");
  const late = [...cards.values()].filter((card) => card.isLate());
  if (late.length) return showLink("late", `no news of ${late.length === 1 ? late[0].name : `${late.length} streams`}`);
  showLink("live", "live");
}

const everyRow = (body) => cards.forEach((card) => card.rows.forEach(body));
const every = (milliseconds, body) => setInterval(() => document.hidden || body(), milliseconds);

async function start() {
  try {
    await updateStreams();
    await updateRecent();
  } catch {
    showLink("lost", "the daemon is unreachable");
    setTimeout(start, 2000);
    return;
  }
  listen();
  const looks = () => cards.forEach((card) => card.look());
  looks();
  const pace = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 : 200;
  every(pace, () => everyRow((row) => row.draw(now())));
  every(1000, looks);
  every(500, showFreshness);
  // A tab that comes back begins anew: what it showed is old.
  document.addEventListener("visibilitychange", () => document.hidden || cards.forEach((card) => card.expectNews()));
  every(1000, () => lists.draw(now()));
  every(2000, () => everyRow((row) => row.count()));
  // No decision brings the scores of signals: they come with the streams' entries.
  let sinceUpdate = 0;
  every(1000, () => {
    sinceUpdate = (sinceUpdate + 1) % 5;
    if (hasSignals || sinceUpdate === 0) updateStreams().catch(() => {});
  });
  every(5000, () => everyRow((row) => row.describe()));
  document.documentElement.dataset.ready = "yes";
}

start();
