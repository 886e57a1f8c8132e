/** When the bar is open and when drinks are ready. Hours are those of the machine's local time zone. */

/** First and last minute of every day, counted from midnight. */
export const OPENING_HOURS = { opensAtMinute: 6 * 60 + 30, closesAtMinute: 21 * 60 } as const;

/** Making the first drink of an order, and each further one; rounded up to whole minutes when said. */
const FIRST_DRINK_MINUTES = 5;
const FURTHER_DRINK_MINUTES = 2;

const MINUTE_MS = 60_000;

export interface OpeningState {
  readonly openNow: boolean;
  /** `6:30 AM` */
  readonly opens: string;
  readonly closes: string;
}

/** @param nowUnixMs - Wall time in ms. */
export function openingState(nowUnixMs: number): OpeningState {
  const { opensAtMinute, closesAtMinute } = OPENING_HOURS;
  const minute = minuteOfDay(nowUnixMs);
  return {
    openNow: minute >= opensAtMinute && minute < closesAtMinute,
    opens: formatMinute(opensAtMinute),
    closes: formatMinute(closesAtMinute),
  };
}

/**
 * @param drinkCount - All drinks of the order, quantities counted.
 * @returns Wall time in ms at which the order is ready; an order given while the bar is closed is made at opening.
 */
export function pickupAtUnixMs(nowUnixMs: number, drinkCount: number): number {
  const makingMs = (FIRST_DRINK_MINUTES + FURTHER_DRINK_MINUTES * Math.max(0, drinkCount - 1)) * MINUTE_MS;
  return nextOpenUnixMs(nowUnixMs) + makingMs;
}

/** @returns `in about 5 minutes`, or `at 6:35 AM` for a time more than an hour away. */
export function sayPickup(nowUnixMs: number, readyAtUnixMs: number): string {
  const minutes = Math.ceil((readyAtUnixMs - nowUnixMs) / MINUTE_MS);
  if (minutes <= 0) return 'now';
  if (minutes <= 60) return `in about ${minutes} minute${minutes === 1 ? '' : 's'}`;
  return `at ${formatMinute(minuteOfDay(readyAtUnixMs))}`;
}

function nextOpenUnixMs(nowUnixMs: number): number {
  const minute = minuteOfDay(nowUnixMs);
  const { opensAtMinute, closesAtMinute } = OPENING_HOURS;
  if (minute >= opensAtMinute && minute < closesAtMinute) return nowUnixMs;
  const opening = new Date(nowUnixMs);
  // setHours keeps to local wall time across a change to or from summer time; adding 24 h would not.
  if (minute >= closesAtMinute) opening.setDate(opening.getDate() + 1);
  opening.setHours(0, opensAtMinute, 0, 0);
  return opening.getTime();
}

function minuteOfDay(unixMs: number): number {
  const time = new Date(unixMs);
  return time.getHours() * 60 + time.getMinutes();
}

function formatMinute(minuteOfDayCount: number): string {
  const hour = Math.floor(minuteOfDayCount / 60);
  const minute = String(minuteOfDayCount % 60).padStart(2, '0');
  return `${hour % 12 === 0 ? 12 : hour % 12}:${minute} ${hour < 12 ? 'AM' : 'PM'}`;
}
