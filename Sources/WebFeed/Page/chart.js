// The moving chart of one label's score.

/** How far back the charts go, in seconds. */
export const span = 300;

// In pixels, from the top: the scores, the events of a tried threshold, the time.
const height = 98;
const bottom = 74;
const strip = 7;

/** The page's colours, read again when the colour scheme changes. */
const colours = {};
const names = ["line", "fill", "grid", "faint", "threshold", "event", "event-edge", "tried"];
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of names) colours[name] = style.getPropertyValue(`--chart-${name}`).trim();
}
readColours();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);

export class ScoreChart {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.isVisible = true;
    new IntersectionObserver((entries) => (this.isVisible = entries.at(-1).isIntersecting)).observe(canvas);
  }

  /**
   * @param now the right edge, in seconds
   * @param samples [{time, score}]
   * @param events [{start, end}] the events that the daemon reported
   * @param rules the label's rules
   * @param tried {threshold, events} or null
   */
  draw(now, samples, events, rules, tried) {
    const width = this.canvas.clientWidth;
    if (!this.isVisible || !width) return;
    const scale = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * scale) || this.canvas.height !== Math.round(height * scale)) {
      this.canvas.width = Math.round(width * scale);
      this.canvas.height = Math.round(height * scale);
    }
    const context = this.context;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const x = (time) => width - ((now - time) / span) * width;
    const y = (score) => 3 + (1 - score) * (bottom - 6);

    this.drawGrid(context, width, now, x);
    for (const event of events) {
      const [left, right] = [Math.max(0, x(event.start)), Math.min(width, x(event.end ?? now))];
      if (right <= 0) continue;
      context.fillStyle = colours.event;
      context.fillRect(left, 0, Math.max(2, right - left), bottom);
      context.fillStyle = colours["event-edge"];
      context.fillRect(left, 0, Math.max(2, right - left), 2);
    }
    this.drawLevel(context, width, y(rules.release), colours.threshold, [2, 4], 0.8);
    this.drawLevel(context, width, y(rules.threshold), colours.threshold, [], 1.25);
    this.drawScores(context, samples, x, y);
    if (!tried) return;
    this.drawLevel(context, width, y(tried.threshold), colours.tried, [6, 3], 1.75);
    context.fillStyle = colours.grid;
    context.fillRect(0, bottom + 1, width, strip);
    context.fillStyle = colours.tried;
    for (const event of tried.events) {
      const [left, right] = [Math.max(0, x(event.start)), Math.min(width, x(event.end ?? now))];
      if (right > 0) context.fillRect(left, bottom + 1, Math.max(3, right - left), strip);
    }
  }

  drawGrid(context, width, now, x) {
    context.fillStyle = colours.grid;
    context.fillRect(0, bottom, width, 1);
    context.font = "10.5px system-ui, sans-serif";
    context.textAlign = "center";
    for (let minute = 1; minute * 60 < span; minute++) {
      const place = Math.round(x(now - minute * 60));
      context.fillStyle = colours.grid;
      context.fillRect(place, 0, 1, bottom);
      context.fillStyle = colours.faint;
      context.fillText(`−${minute} min`, place, height - 3);
    }
  }

  drawLevel(context, width, place, colour, dash, thickness) {
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(0, place);
    context.lineTo(width, place);
    context.stroke();
    context.setLineDash([]);
  }

  drawScores(context, samples, x, y) {
    let begun = null;
    let last = null;
    const area = new Path2D();
    const line = new Path2D();
    const end = () => {
      if (last === null) return;
      area.lineTo(x(last), bottom);
      area.lineTo(x(begun), bottom);
    };
    for (const { time, score } of samples) {
      if (x(time) < -20) continue;
      const [left, top] = [x(time), y(score)];
      // The line has a gap if there was no decision for a while.
      if (last === null || time - last > 15) {
        end();
        begun = time;
        line.moveTo(left, top);
        area.moveTo(left, top);
      } else {
        line.lineTo(left, top);
        area.lineTo(left, top);
      }
      last = time;
    }
    end();
    context.fillStyle = colours.fill;
    context.fill(area);
    context.strokeStyle = colours.line;
    context.lineWidth = 1.75;
    context.lineJoin = "round";
    context.stroke(line);
  }
}
