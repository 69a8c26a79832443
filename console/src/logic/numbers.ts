export interface Measured {
  value: number | null;
  low?: number | null;
  high?: number | null;
  n_items?: number;
  reason?: string | null;
}

const whole = new Intl.NumberFormat("en");

export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? "–" : whole.format(n);
}

/** Undefined is a dash, never 0. */
export function figure(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits).replace("-", "−");
}

export function percent(value: number | null | undefined, digits = 0): string {
  return value === null || value === undefined ? "–" : `${(100 * value).toFixed(digits)} %`;
}

/** A measure in one sentence: its interval, what it rests on, or why it is undefined. */
export function story(m: Measured, format: (v: number) => string = (v) => figure(v, 3)): string {
  const parts: string[] = [];
  if (m.value === null) parts.push(`Undefined: ${m.reason ?? "no reason was given"}`);
  else {
    parts.push(format(m.value));
    if (m.low !== null && m.low !== undefined && m.high !== null && m.high !== undefined)
      parts.push(`95 % interval ${format(m.low)} to ${format(m.high)}`);
    else if (m.reason) parts.push(m.reason);
  }
  if (m.n_items) parts.push(`on ${count(m.n_items)} items`);
  return parts.join(", ");
}

export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return value < 90 ? `${value.toFixed(1)} s` : value < 5400 ? `${(value / 60).toFixed(1)} min` : `${(value / 3600).toFixed(1)} h`;
}

export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = n < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return `${(n / 1000 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}

export function money(value: number | null | undefined, currency: string): string {
  if (value === null || value === undefined) return "–";
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: value < 100 ? 2 : 0 }).format(value);
  } catch {
    return `${value.toFixed(2)} ${currency}`;
  }
}

export function moment(iso: string | null | undefined): string {
  if (!iso) return "–";
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** How long from now, in words. */
export function away(iso: string, now: Date): string {
  const hours = (new Date(iso).getTime() - now.getTime()) / 3_600_000;
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} min`;
  if (hours < 48) return `${hours.toFixed(hours < 10 ? 1 : 0)} h`;
  return `${Math.round(hours / 24)} days`;
}

/** Where a value stands on a line from `from` to `to`, in percent, kept inside. */
export function place(value: number, from = 0, to = 1): number {
  return Math.min(100, Math.max(0, (100 * (value - from)) / (to - from)));
}
