/** The query of the items page: what stands in the address, so that a link shows the same to somebody else. */
export interface ItemSearch {
  search?: string;
  state?: string[];
  label?: string[];
  annotator?: string[];
  slice?: string[];
  round?: number;
  pair?: string;
  control?: string;
  differing?: boolean;
  disagreement?: string;
  posterior?: string;
  answered?: string;
  sort?: string;
  descending?: boolean;
}

const LISTS = ["state", "label", "annotator", "slice"] as const;
const SORTS = ["item", "posterior", "disagreement", "answers", "round", "changed_at"];

const STRETCH = /^(0|1|0\.\d{1,6})\.\.(0|1|0\.\d{1,6})$/;

const TIMES = /^\d{4}-\d\d-\d\d(T\d\d:\d\d)?\.\.\d{4}-\d\d-\d\d(T\d\d:\d\d)?$/;

/** A period as the report names it (`2026-11-02 to 2026-11-05`, `2026-11-02 10:00 to 10:30`) as FROM..TO. */
export function times(period: string): string | undefined {
  const [first = "", last = ""] = period.split(" to ");
  const [day = "", minute] = first.split(" ");
  const found = minute ? `${day}T${minute}..${day}T${last}` : `${day}..${last}`;
  return TIMES.test(found) ? found : undefined;
}

/** `0.6..0.8` in words. */
export function stretch(text: string): string {
  const [low, high] = text.split("..").map((n) => Math.round(100 * Number(n)));
  if (low === high) return low ? `${low} %` : "none";
  return low === 0 ? `up to ${high} %` : high === 100 ? `above ${low} %` : `${low} to ${high} %`;
}

/** Whatever an address holds becomes a query that the API takes. */
export function itemSearch(raw: Record<string, unknown>): ItemSearch {
  const found: ItemSearch = {};
  for (const name of LISTS) {
    const value = raw[name];
    const list = Array.isArray(value) ? value.map(String) : value === undefined || value === "" ? [] : [String(value)];
    if (list.length) found[name] = list;
  }
  for (const name of ["search", "pair", "control"] as const) if (typeof raw[name] === "string" || typeof raw[name] === "number") found[name] = String(raw[name]);
  for (const name of ["disagreement", "posterior"] as const) if (STRETCH.test(String(raw[name] ?? ""))) found[name] = String(raw[name]);
  if (TIMES.test(String(raw["answered"] ?? ""))) found.answered = String(raw["answered"]);
  if (raw["round"] !== undefined && Number.isInteger(Number(raw["round"]))) found.round = Number(raw["round"]);
  if (raw["differing"] === true || raw["differing"] === "true") found.differing = true;
  if (SORTS.includes(String(raw["sort"]))) found.sort = String(raw["sort"]);
  if (raw["descending"] === true || raw["descending"] === "true") found.descending = true;
  return found;
}

/** One value of a facet on or off. */
export function toggled(list: string[] | undefined, value: string): string[] | undefined {
  const next = list?.includes(value) ? list.filter((v) => v !== value) : [...(list ?? []), value];
  return next.length ? next : undefined;
}
