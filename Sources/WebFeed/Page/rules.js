// The daemon's rules of events, to try another threshold on the scores seen. A test compares them with the Swift code.

/**
 * Finds the events that these scores would have made.
 *
 * @param samples [{time, score}] in order, time in seconds
 * @param rules {threshold, release, min_duration, hold, cooldown, merge_gap}, times in seconds
 * @returns [{start, end}] in seconds; end is null for an event that is still open
 */
export function eventsIn(samples, rules) {
  const events = [];
  let rising = null; // when the score reached the threshold, before min_duration has passed
  let open = null; // the open event
  let belowSince = null;
  let waiting = null; // the event that is over unless it continues within the merge gap
  let rise = null; // when the score rose again in that time
  let lastEnd = null;

  const begin = (time) => {
    rising ??= time;
    if (time - rising < rules.min_duration) return;
    if (lastEnd !== null && time - lastEnd < rules.cooldown) return;
    open = { start: rising, end: null };
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
      const continues = score >= rules.threshold && rise - waiting.end < rules.merge_gap;
      if (continues || time - waiting.end < rules.merge_gap) {
        if (continues && time - rise >= rules.min_duration) {
          open = waiting;
          open.end = null;
          [waiting, rise, belowSince] = [null, null, null];
        } else if (!continues) {
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

/** The rules at another threshold, the release in the same ratio to it, in hundredths: as `EventRules.proposed(at:)`. */
export function withThreshold(rules, threshold) {
  if (threshold === rules.threshold) return rules;
  const moved = rules.threshold > 0 ? Math.min(threshold, (rules.release * threshold) / rules.threshold) : threshold;
  return { ...rules, threshold, release: Math.min(threshold, Math.round(moved * 100) / 100) };
}

/** A label's texts: one, or several. */
export function textsOf(label) {
  return label.texts ?? [label.text];
}

/** A label's line for the configuration, with another threshold and the release that goes with it. */
export function labelLine(label, threshold) {
  const { release } = withThreshold(label, threshold);
  const members = label.label === label.text ? [] : [`name: ${label.label}`];
  const texts = textsOf(label);
  members.push(`text: ${texts.length > 1 ? yamlList(texts) : yamlText(texts[0])}`);
  if (texts.length > 1 && label.combine !== "mean") members.push(`combine: ${label.combine}`);
  if (label.against) members.push(`against: ${yamlList(label.against)}`);
  members.push(`threshold: ${threshold}`);
  if (release !== label.release) members.push(`release: ${release}`);
  return `- {${members.join(", ")}}`;
}

function yamlList(texts) {
  return `[${texts.map(yamlText).join(", ")}]`;
}

/** Writes a text for YAML within braces: in quotes unless it is plain words. */
function yamlText(text) {
  const isPlain = /^[A-Za-z][A-Za-z0-9 '._-]*$/.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text) && !text.endsWith(" ");
  return isPlain ? text : JSON.stringify(text);
}
