/**
 * When a cron entry is due (UWSGI-FACTS 17.2), per field: -1 is always, N is the value N, -N is every value that N divides. When both the day
 * of the month and the weekday are restricted one of them is enough, as in cron.
 */
export interface CronTime {
  readonly minute: number;
  readonly hour: number;
  /** 1 to 31. */
  readonly day: number;
  /** 1 to 12. */
  readonly month: number;
  /** 0 to 7; 0 and 7 are Sunday. */
  readonly week: number;
}

const MINUTE_MS = 60_000;
/** Every entry that has a day at all has one in so many: 29 February comes every four years, or after eight. */
const LOOK_AHEAD_DAYS = 8 * 366;
/** A clock that is set back or forth by less than this was corrected; by more, the time before was wrong. */
const CORRECTION_MINUTES = 180;

/** Whether a local time is one of an entry's. */
export function matches(time: CronTime, at: Date): boolean {
  return isOnDay(time, at) && fits(time.minute, at.getMinutes()) && fits(time.hour, at.getHours());
}

function isOnDay(time: CronTime, at: Date): boolean {
  const isDay = fits(time.day, at.getDate());
  const isWeekday = fits(time.week === 7 ? 0 : time.week, at.getDay());
  const isDayOrWeekday = time.day !== -1 && time.week !== -1 ? isDay || isWeekday : isDay && isWeekday;
  return isDayOrWeekday && fits(time.month, at.getMonth() + 1);
}

/** The first minute of an entry after now, in Unix milliseconds; undefined when it never comes. */
export function nextRun(time: CronTime, nowMs: number): number | undefined {
  const hours = range(24).filter((hour) => fits(time.hour, hour));
  const minutes = range(60).filter((minute) => fits(time.minute, minute));
  const today = new Date(nowMs);
  for (let days = 0; days <= LOOK_AHEAD_DAYS; days++) {
    const day = new Date(today.getFullYear(), today.getMonth(), today.getDate() + days);
    if (!isOnDay(time, day)) continue;
    const at = hours
      .flatMap((hour) => minutes.map((minute) => new Date(day).setHours(hour, minute)))
      .find((moment) => moment > nowMs);
    if (at !== undefined) return at;
  }
  return undefined;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

function fits(field: number, value: number): boolean {
  return field < 0 ? value % -field === 0 : value === field;
}

/** Number of a minute since 1970. */
export function minuteOf(nowMs: number): number {
  return Math.floor(nowMs / MINUTE_MS);
}

/**
 * Whether an entry is to run now: once for each of its minutes. Minutes that were skipped (a busy machine, a clock set forth) count as one;
 * minutes that come a second time (a clock set back) not at all.
 * @param seen the last minute that was looked at for this entry; undefined at the first look
 */
export function isDue(time: CronTime, nowMs: number, seen: number | undefined): boolean {
  const now = minuteOf(nowMs);
  if (seen === undefined || Math.abs(now - seen) > CORRECTION_MINUTES) return matches(time, new Date(nowMs));
  for (let minute = seen + 1; minute <= now; minute++) {
    if (matches(time, new Date(minute * MINUTE_MS))) return true;
  }
  return false;
}

/** The last minute that has been looked at, after a look at `nowMs`. */
export function seenAfter(nowMs: number, seen: number | undefined): number {
  const now = minuteOf(nowMs);
  return seen === undefined || now > seen || seen - now > CORRECTION_MINUTES ? now : seen;
}
