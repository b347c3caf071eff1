// Formats numbers and times.

const twoDigits = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const clockFormat = new Intl.DateTimeFormat(undefined, twoDigits);

/** Milliseconds since 1970 as local clock time. */
export const clock = (time) => clockFormat.format(time);

/** A score with two decimals. */
export const score = (value) => value.toFixed(2);

/** A length in seconds, in the largest units that are precise enough. */
export function length(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A length of time that keeps growing. */
export const roughly = (seconds) => (seconds < 120 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`);

/** Why an event ended, in words. */
export const endings = {
  below_release: "",
  source_lost: "the source was lost",
  inactive: "the active hours ended",
  config_changed: "the configuration changed",
  shutdown: "the daemon stopped",
  crash_recovered: "the daemon crashed",
  moved: "another host watches the camera",
  owner_lost: "the camera's host was lost",
};
