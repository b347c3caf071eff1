// The live events. All tabs of a browser share one stream, because a browser opens only a few connections to a server; a
// hidden tab takes none.

const address = "api/v1/events/stream?types=event,stream,scores";
const types = ["hello", "snapshot", "event", "stream", "scores"];

/** Opens the stream and reopens it if it breaks. For the shared worker, and for browsers that have none. */
export class EventSourceFeed {
  /**
   * @param url of the stream
   * @param take called with {type, data} for each message, and with {type: "link", isOpen} for each change
   */
  constructor(url, take) {
    this.url = url;
    this.take = take;
  }

  open() {
    this.close();
    this.source = new EventSource(this.url);
    for (const type of types) this.source.addEventListener(type, ({ data }) => this.take({ type, data }));
    this.source.addEventListener("open", () => this.take({ type: "link", isOpen: true }));
    this.source.addEventListener("error", () => {
      this.take({ type: "link", isOpen: false });
      // A browser gives up if the answer is not an event stream.
      if (this.source?.readyState === EventSource.CLOSED) this.retry = setTimeout(() => this.open(), 2000);
    });
  }

  close() {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
  }
}

/** The page's end of the stream. */
export class LiveFeed {
  isOpen = false;
  #takers = new Map();

  on(type, body) {
    this.#takers.set(type, body);
  }

  start() {
    const url = new URL(address, document.baseURI).href;
    const port = this.#connect(url);
    const show = () => port.postMessage({ show: !document.hidden });
    document.addEventListener("visibilitychange", show);
    addEventListener("pagehide", () => port.postMessage({ show: false }));
    addEventListener("pageshow", ({ persisted }) => persisted && show());
    // A tab that dies says nothing: the worker forgets those that are silent.
    setInterval(() => document.hidden || port.postMessage({ alive: true }), 5000);
    show();
  }

  /** The shared worker's port, or what stands in for it. */
  #connect(url) {
    const take = (message) => this.#take(message);
    try {
      const worker = new SharedWorker(new URL("feedworker.js", import.meta.url), { type: "module", name: url });
      worker.port.onmessage = ({ data }) => take(data);
      worker.port.start();
      return worker.port;
    } catch {
      // Some mobile browsers have no shared workers.
      const feed = new EventSourceFeed(url, take);
      return {
        postMessage({ show }) {
          if (show === true) feed.open();
          if (show === false) feed.close();
        },
      };
    }
  }

  #take({ type, data, isOpen }) {
    if (type === "link") this.isOpen = isOpen;
    else this.#takers.get(type)?.(JSON.parse(data));
  }
}
