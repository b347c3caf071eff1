// When a score makes an event: the daemon's own rules, for trying another threshold on scores that were seen.

/**
 * The events that these scores would have made.
 *
 * @param samples [{time, score}] in order, time in seconds
 * @param rules {threshold, release, min_duration, hold, cooldown, merge_gap}, times in seconds
 * @returns [{start, end, told}] end is null for one that is still open; told: when it would have been said to have started
 */
export function eventsIn(samples, rules) {
  const events = [];
  let rising = null; // the start of a score that is up, not for long enough yet
  let open = null; // the event that goes on
  let belowSince = null;
  let waiting = null; // over but for the merge gap
  let rise = null; // what may go on with it
  let lastEnd = null;

  const begin = (time) => {
    rising ??= time;
    if (time - rising < rules.min_duration) return;
    if (lastEnd !== null && time - lastEnd < rules.cooldown) return;
    open = { start: rising, end: null, told: time };
    events.push(open);
    [rising, belowSince] = [null, null];
  };
  const close = (event, time) => {
    event.end = time;
    lastEnd = time;
    [open, waiting, rise, rising] = [null, null, null, null];
  };

  for (const { time, score } of samples) {
    if (waiting) {
      rise ??= time;
      const goesOn = score >= rules.threshold && rise - waiting.end < rules.merge_gap;
      if (goesOn || time - waiting.end < rules.merge_gap) {
        if (goesOn && time - rise >= rules.min_duration) {
          open = waiting;
          open.end = null;
          [waiting, rise, belowSince] = [null, null, null];
        } else if (!goesOn) {
          rise = null;
        }
        continue;
      }
      close(waiting, waiting.end);
    }
    if (open) {
      belowSince = score < rules.release ? (belowSince ?? time) : null;
      if (belowSince === null || time - belowSince < rules.hold) continue;
      if (rules.merge_gap > 0) {
        open.end = time;
        [waiting, open, rise] = [open, null, null];
      } else {
        close(open, time);
      }
    } else if (score >= rules.threshold) {
      begin(time);
    } else {
      rising = null;
    }
  }
  return events;
}

/** The rules with another threshold; the release is never above it. */
export const withThreshold = (rules, threshold) => ({ ...rules, threshold, release: Math.min(rules.release, threshold) });

/** A label's line for the configuration, with another threshold. */
export function labelLine(label, threshold) {
  const members = label.label === label.text ? [] : [`name: ${label.label}`];
  members.push(`text: ${yamlText(label.text)}`, `threshold: ${threshold}`);
  if (label.release > threshold) members.push(`release: ${threshold}`);
  return `- {${members.join(", ")}}`;
}

/** A text as YAML takes it within braces: in quotes unless it is plain words. */
function yamlText(text) {
  const isPlain = /^[A-Za-z][A-Za-z0-9 '._-]*$/.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text) && !text.endsWith(" ");
  return isPlain ? text : JSON.stringify(text);
}
