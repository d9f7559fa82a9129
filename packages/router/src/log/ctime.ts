const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Two digits. */
export function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** C's `ctime` without its newline, local time: `Sun Nov  2 09:05:01 2026`. */
export function ctime(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  const day = `${date.getDate()}`.padStart(2);
  const time = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`;
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${day} ${time} ${date.getFullYear()}`;
}

/** Offset of local time from UTC, such as `+0100`. */
export function zoneOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}${twoDigits(size % 60)}`;
}

/** The date of the common log format: `22/Nov/2026:15:55:16 +0000`. */
export function commonLogTime(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  const day = `${twoDigits(date.getDate())}/${MONTHS[date.getMonth()]}/${date.getFullYear()}`;
  const time = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`;
  return `${day}:${time} ${zoneOffset(date)}`;
}

/** Formats a second once and keeps the text until another second is asked for: log lines mostly share theirs. */
export function cachedBySecond(format: (unixSeconds: number) => string): (unixSeconds: number) => string {
  let second = Number.NaN;
  let text = '';
  return (unixSeconds) => {
    if (unixSeconds !== second) {
      second = unixSeconds;
      text = format(unixSeconds);
    }
    return text;
  };
}
