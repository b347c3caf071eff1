// The shared worker that holds the one stream of all tabs. Its name is the stream's address.

import { EventSourceFeed } from "./feed.js";

/** When each tab that shows the page last said so, in milliseconds, by its port. */
const shown = new Map();
const patience = 20_000;

const feed = new EventSourceFeed(self.name, (message) => {
  for (const port of shown.keys()) port.postMessage(message);
});

function hide(port) {
  if (shown.delete(port) && shown.size === 0) feed.close();
}

self.addEventListener("connect", ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.show === false) return hide(port);
    const isNew = !shown.has(port);
    shown.set(port, Date.now());
    // Opened anew, the stream begins with what a new tab needs: the greeting and the open events.
    if (isNew) feed.open();
  };
  port.start();
});

setInterval(() => {
  for (const [port, time] of shown) if (time < Date.now() - patience) hide(port);
}, 5000);
