export interface SpanRegion {
  start: number;
  end: number;
  labels: readonly string[];
}

export interface Piece {
  text: string;
  labels: readonly string[];
}

/** A text cut at every end of a span. Offsets count code points, as the API's do, not UTF-16 units. */
export function pieces(text: string, spans: readonly SpanRegion[]): Piece[] {
  const points = Array.from(text);
  const inside = (p: number): number => Math.min(points.length, Math.max(0, Math.floor(p)));
  const edges = [...new Set([0, points.length, ...spans.flatMap((s) => [inside(s.start), inside(s.end)])])].sort((a, b) => a - b);
  const found: Piece[] = [];
  edges.slice(0, -1).forEach((start, k) => {
    const end = edges[k + 1] ?? start;
    const over = spans.filter((s) => inside(s.start) <= start && end <= inside(s.end));
    found.push({ text: points.slice(start, end).join(""), labels: [...new Set(over.flatMap((s) => s.labels))] });
  });
  return found;
}

export type DiffLine = { kind: "same" | "add" | "del"; text: string };

/** Lines that were added and taken away (longest common subsequence). */
export function diff(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  const table: number[][] = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => table[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) (table[i] as number[])[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) out.push({ kind: "same", text: a[i] as string }), i++, j++;
    else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) out.push({ kind: "del", text: a[i] as string }), i++;
    else out.push({ kind: "add", text: b[j] as string }), j++;
  }
  return out;
}

/** What an annotator is told of themselves, as it reads for somebody else. */
export function ofThem(told: string): string {
  return told.replace(/\byou have\b/g, "they have").replace(/\byour\b/g, "their").replace(/\byou\b/g, "them");
}
