/** Numbers and times as people read them. Times are UTC, as in the log. */
export const count = (value: number | bigint | string): string =>
  value.toString().replace(/\B(?=(\d{3})+$)/g, ',');

/** 12345 minor units are 123.45. */
export const money = (minor: number): string => {
  const sign = minor < 0 ? '-' : '';
  const text = Math.abs(minor).toString().padStart(3, '0');
  return `${sign}${count(Number(text.slice(0, -2)))}.${text.slice(-2)}`;
};

/** 65 is 1:05, 3700 is 1:01:40. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const tail = `${String(rest).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
};

/** "2011-12-09 12:50:00" of an ISO time or of milliseconds. */
export const moment = (time: string | number): string =>
  new Date(time).toISOString().slice(0, 19).replace('T', ' ');
