// The fleet as the daemon sees it: its hosts, and which of them has which camera.

import { roughly } from "./format.js";

const section = document.getElementById("fleet");
const part = (name) => document.getElementById(`fleet-${name}`);

function row(name, facts, isDim) {
  const item = document.createElement("li");
  const strong = document.createElement("strong");
  strong.textContent = name;
  const place = document.createElement("p");
  place.className = "place";
  place.textContent = facts.filter(Boolean).join(" · ");
  item.classList.toggle("dim", isDim);
  item.append(strong, place);
  return item;
}

const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

function host(entry, own, newest) {
  return row(
    entry.host,
    [
      entry.host === own ? "this host" : "",
      counted(entry.cameras, "camera"),
      `${Math.round(entry.load ?? 0)} of ${Math.round(entry.capacity)} frames a second`,
      entry.draining ? "gives its cameras away" : "",
      entry.closed ? "takes no further cameras" : "",
      entry.revision !== newest ? `follows revision ${entry.revision ?? "none"} of ${newest ?? "none"}` : "",
      entry.version,
    ],
    entry.draining || entry.closed,
  );
}

function camera(entry, hosts, now) {
  const since = entry.since ? `for ${roughly(Math.max(0, now - Date.parse(entry.since) / 1000))}` : "";
  const isAlive = hosts.has(entry.host);
  return row(entry.camera, [entry.host, isAlive ? since : "which does not report"], !isAlive);
}

/** Which host delivers to the receivers of all records, and what is wrong with them. */
function deliveries(entry) {
  if (!entry || (!entry.host && !entry.receivers.length)) return "";
  const names = entry.receivers.map((receiver) => {
    const state = receiver.state === "failing" ? ` fails: ${receiver.reason ?? "no reason known"}` : "";
    return `${receiver.name} to record ${receiver.seq}${state}`;
  });
  return [`${entry.host ?? "nobody"} delivers the records`, ...names, entry.reason].filter(Boolean).join(", ");
}

const clock = (lead) =>
  Math.abs(lead) > 1 ? `this clock is ${Math.abs(lead)} s ${lead > 0 ? "ahead of" : "behind"} the servers'` : "";

/** Shows the fleet; nothing for a host alone. */
export function showFleet(fleet, now) {
  section.hidden = !fleet;
  if (!fleet) return;
  const hosts = new Set(fleet.hosts.map((entry) => entry.host));
  part("count").textContent = fleet.hosts.length;
  const records = [
    fleet.records_waiting ? `${counted(fleet.records_waiting, "record")} waiting` : "",
    fleet.records_late ? `${counted(fleet.records_late, "late record")}` : "",
    fleet.records_missed ? `${counted(fleet.records_missed, "record")} missing: the journal dropped them too early` : "",
    fleet.records_refused ? `${counted(fleet.records_refused, "record")} refused by the servers` : "",
    deliveries(fleet.deliveries),
    clock(fleet.clock_lead_seconds ?? 0),
  ];
  part("state").textContent = [fleet.state, fleet.reason, ...records]
    .filter(Boolean)
    .join(" · ");
  part("hosts").replaceChildren(...fleet.hosts.map((entry) => host(entry, fleet.host, fleet.revision)));
  part("camera-count").textContent = counted(fleet.cameras.length, "camera");
  part("cameras").replaceChildren(...fleet.cameras.map((entry) => camera(entry, hosts, now)));
}
