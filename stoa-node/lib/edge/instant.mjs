// Date, hour with minute, second and fraction, and the offset from UTC; colons stand everywhere in a time or nowhere.
const CLOCK = '(\\d\\d)(?:(:?)(\\d\\d)(?:\\N(\\d\\d)(?:[.,](\\d{1,9}))?)?)?';
const RFC_3339 = new RegExp(`^(\\d{4})-(\\d\\d)-(\\d\\d)[Tt ]${CLOCK.replace('N', '5')}(?:[Zz]|([+-])${CLOCK.replace('N', '11')})$`);
const SHORTEST = 20;
/** Seconds of the last instant that has a name, 9999-12-30T22:00:00Z. */
const LAST = 253_402_207_200;
/** Seconds of the largest offset, 25:59:59. */
const FARTHEST = 93_599;
/** An instant spelt in RFC 3339; undefined for other text. Digits finer than microseconds are cut off. */
export function parseInstant(text) {
    const found = text.length < SHORTEST ? null : RFC_3339.exec(text);
    if (!found)
        return undefined;
    const part = (i) => Number(found[i] ?? 0);
    const [hour, minute, second, offsetHour, offsetMinute, offsetSecond] = [4, 6, 7, 10, 12, 13].map(part);
    // The year alone cannot be told to `Date.UTC`, which takes 50 for 1950.
    const day = new Date(0);
    day.setUTCFullYear(part(1), part(2) - 1, part(3));
    const named = day.getUTCMonth() === part(2) - 1 && day.getUTCDate() === part(3);
    if (!named || hour > 23 || minute > 59 || second > 60)
        return undefined;
    if (offsetHour > 25 || offsetMinute > 59 || offsetSecond > 59)
        return undefined;
    const offset = offsetHour * 3_600 + offsetMinute * 60 + offsetSecond + (digits(found[14], 1) >= 5 ? 1 : 0);
    if (offset > FARTHEST)
        return undefined;
    // A leap second is the one before it.
    const local = day.getTime() / 1_000 + hour * 3_600 + minute * 60 + Math.min(second, 59);
    const seconds = found[9] === '-' ? local + offset : local - offset;
    return seconds > LAST ? undefined : [seconds, digits(found[8], 6)];
}
/** The first `n` digits after the point. */
function digits(fraction, n) {
    return Number((fraction ?? '').padEnd(n, '0').slice(0, n));
}
/** Whole milliseconds since 1970. */
export function instantOfMillis(millis) {
    const seconds = Math.floor(millis / 1_000);
    return [seconds, (millis - seconds * 1_000) * 1_000];
}
/** Whether `a` is not after `b`. */
export function notAfter(a, b) {
    return a[0] < b[0] || (a[0] === b[0] && a[1] <= b[1]);
}
/** The instant a span before another. */
export function before(end, span) {
    const micros = end[1] - span[1];
    return micros < 0 ? [end[0] - span[0] - 1, micros + 1_000_000] : [end[0] - span[0], micros];
}
