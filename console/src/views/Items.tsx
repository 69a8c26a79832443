import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { ApiError, type Query, type Shapes, address, read, send, useApi, useChange } from "../api/client";
import { Card, ClassChip, Csv, Dialog, Empty, Field, Page, State, Thumb, Trouble } from "../kit/basics";
import { count, figure, percent } from "../logic/numbers";
import { type ItemSearch, stretch, toggled } from "../logic/search";
import { useRights } from "../rights";

type Row = Shapes["ItemRow"];
const ROW = 58;

function asQuery(search: ItemSearch): Query {
  return { ...search } as Query;
}

export default function ItemsPage() {
  const search: ItemSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const facets = useApi("/items/facets");
  const change = (part: Partial<ItemSearch>): void => void navigate({ to: "/items", search: { ...search, ...part }, replace: true });
  return (
    <Page title="Items" lead="Every item that was drawn. Search, filter and sort; a row opens all answers side by side." actions={<Csv href={address("/tables/items.csv", {}, asQuery(search))} />}>
      <div className="browse">
        <Facets facets={facets.data ?? {}} search={search} change={change} />
        <List search={search} change={change} />
      </div>
    </Page>
  );
}

const FACETS: [string, keyof ItemSearch, string][] = [
  ["state", "state", "State"],
  ["label", "label", "Label"],
  ["annotator", "annotator", "Annotator"],
];

function Facets({ facets, search, change }: { facets: Record<string, Record<string, number>>; search: ItemSearch; change: (p: Partial<ItemSearch>) => void }) {
  const chosen = Object.keys(search).filter((k) => !["sort", "descending", "search"].includes(k)).length;
  const body = (
    <div className="facets">
      {chosen ? (
        <button type="button" className="button small" onClick={() => change({ state: undefined, label: undefined, annotator: undefined, slice: undefined, round: undefined, pair: undefined, control: undefined, differing: undefined, disagreement: undefined, posterior: undefined, answered: undefined })}>
          Clear {chosen} filter{chosen > 1 ? "s" : ""}
        </button>
      ) : null}
      {search.pair ? (
        <div className="facet">
          <h3>Confused</h3>
          <button type="button" aria-pressed onClick={() => change({ pair: undefined, control: undefined })}>
            {search.pair.replace("~", " ⇄ ")} ✕
          </button>
        </div>
      ) : null}
      {search.answered ? (
        <div className="facet">
          <h3>Answered</h3>
          <button type="button" aria-pressed onClick={() => change({ answered: undefined })}>
            {search.answered.replaceAll("T", " ").replace("..", " to ")} ✕
          </button>
        </div>
      ) : null}
      <div className="facet">
        <h3>Answers</h3>
        <button type="button" aria-pressed={search.differing ?? false} onClick={() => change({ differing: search.differing ? undefined : true })}>
          differ
        </button>
      </div>
      {FACETS.map(([name, key, title]) => (
        <Facet key={name} title={title} values={facets[name] ?? {}} chosen={(search[key] as string[] | undefined) ?? []} toggle={(v) => change({ [key]: toggled(search[key] as string[] | undefined, v) })} />
      ))}
      {(["disagreement", "posterior"] as const).map((name) => (
        <Facet key={name} title={name === "posterior" ? "Probability of the label" : "Disagreement"} values={facets[name] ?? {}} chosen={search[name] ? [search[name]] : []} toggle={(v) => change({ [name]: search[name] === v ? undefined : v })} said={stretch} />
      ))}
      <Facet title="Round" values={facets["round"] ?? {}} chosen={search.round === undefined ? [] : [String(search.round)]} toggle={(v) => change({ round: search.round === Number(v) ? undefined : Number(v) })} />
      {Object.keys(facets)
        .filter((k) => k.startsWith("slice:"))
        .map((k) => (
          <Facet
            key={k}
            title={k.slice(6)}
            values={facets[k] ?? {}}
            chosen={(search.slice ?? []).filter((s) => s.startsWith(`${k.slice(6)}:`)).map((s) => s.slice(k.length - 5))}
            toggle={(v) => change({ slice: toggled(search.slice, `${k.slice(6)}:${v}`) })}
          />
        ))}
    </div>
  );
  const wide = useWide();
  return wide ? (
    body
  ) : (
    <details className="facet-box">
      <summary className="button">Filters{chosen ? ` (${chosen})` : ""}</summary>
      {body}
    </details>
  );
}

const WIDE = matchMedia("(min-width: 761px)");

/** Whether there is room for the filters beside the list; a phone that is turned may have it. */
function useWide(): boolean {
  return useSyncExternalStore(
    (tell) => {
      WIDE.addEventListener("change", tell);
      return () => WIDE.removeEventListener("change", tell);
    },
    () => WIDE.matches,
  );
}

function Facet({ title, values, chosen, toggle, said = (v) => v }: { title: string; values: Record<string, number>; chosen: string[]; toggle: (v: string) => void; said?: (v: string) => string }) {
  const [all, setAll] = useState(false);
  const entries = Object.entries(values);
  if (!entries.length) return null;
  return (
    <div className="facet" role="group" aria-label={title}>
      <h3>{title}</h3>
      {(all ? entries : entries.slice(0, 8)).map(([value, n]) => (
        <button type="button" key={value} aria-pressed={chosen.includes(value)} onClick={() => toggle(value)}>
          <span className="clip">{said(value)}</span>
          <span className="n">{count(n)}</span>
        </button>
      ))}
      {entries.length > 8 ? (
        <button type="button" onClick={() => setAll(!all)}>
          {all ? "fewer" : `${entries.length - 8} more`}
        </button>
      ) : null}
    </div>
  );
}

function usePages(search: ItemSearch) {
  return useInfiniteQuery<Shapes["ItemPage"], ApiError, { pages: Shapes["ItemPage"][] }, unknown[], string | null>({
    queryKey: ["/items", search],
    initialPageParam: null,
    queryFn: ({ pageParam }) => read("/items", {}, { ...asQuery(search), after: pageParam, limit: 100, count: pageParam === null ? true : "false" }),
    getNextPageParam: (last) => last.next ?? null,
  });
}

function List({ search, change }: { search: ItemSearch; change: (p: Partial<ItemSearch>) => void }) {
  const pages = usePages(search);
  const rows = useMemo(() => pages.data?.pages.flatMap((p) => p.items) ?? [], [pages.data]);
  const first = pages.data?.pages[0];
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const finder = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(search.search ?? "");
  const navigate = useNavigate();
  const may = useRights();
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 12 });
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 20 && pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
  }, [last, rows.length, pages]);
  useEffect(() => {
    const wait = setTimeout(() => {
      if (text !== (search.search ?? "")) change({ search: text || undefined });
    }, 250);
    return () => clearTimeout(wait);
  }, [text, search.search, change]);
  const pick = (id: string): void => setPicked((old) => new Set(old.has(id) ? [...old].filter((o) => o !== id) : [...old, id]));
  const keys = (event: React.KeyboardEvent): void => {
    const row = rows[at];
    const move = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (move !== undefined) {
      const next = Math.min(rows.length - 1, Math.max(0, at + move));
      setAt(next);
      virtual.scrollToIndex(next);
    } else if (event.key === "Enter" && row) void navigate({ to: "/items/$item", params: { item: row.item } });
    else if (event.key === "x" && row && may.review) pick(row.item);
    else if (event.key === "/") finder.current?.focus();
    else return;
    event.preventDefault();
  };
  const total = first?.total ?? null;
  return (
    <div className="stack">
      <div className="row">
        <input ref={finder} className="grow" type="search" placeholder="Search text or id" aria-label="Search text or id" value={text} onChange={(e) => setText(e.target.value)} />
        <label className="row tight">
          <span className="small muted">Sort</span>
          <select
            aria-label="Sort by"
            value={`${search.sort ?? "item"}${search.descending ? "-" : ""}`}
            onChange={(e) => change({ sort: e.target.value.replace("-", ""), descending: e.target.value.endsWith("-") || undefined })}
          >
            <option value="item">by id</option>
            <option value="disagreement-">most disputed first</option>
            <option value="posterior">least sure first</option>
            <option value="posterior-">surest first</option>
            <option value="answers-">most answers first</option>
            <option value="changed_at-">newest first</option>
            <option value="round-">latest round first</option>
          </select>
        </label>
      </div>
      <p className="small muted" aria-live="polite">
        {total === null ? "…" : `${count(total)}${first && total >= first.counted_to ? " or more" : ""} items`}
        {" · "}
        <span className="kbd">j</span> <span className="kbd">k</span> move, <span className="kbd">Enter</span> open{may.review ? <>, <span className="kbd">x</span> select</> : null}, <span className="kbd">/</span> search
      </p>
      {pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : null}
      <Card flush>
        <div className="virtual" ref={box} tabIndex={0} role="region" aria-label="Items" onKeyDown={keys}>
          <div className="vhead">
            <span />
            <span>Item</span>
            <span>Label</span>
            <span>State</span>
            <span className="num">Disagreement</span>
            <span className="num">Answers</span>
          </div>
          <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
            {virtual.getVirtualItems().map((v) => {
              const row = rows[v.index];
              return row ? <Line key={row.item} row={row} top={v.start} at={v.index === at} picked={picked.has(row.item)} pick={may.review ? () => pick(row.item) : undefined} /> : null;
            })}
          </div>
          {!rows.length && pages.isSuccess ? (
            <Empty title="No item fits" action={<button type="button" className="button" onClick={() => void navigate({ to: "/items", search: {} })}>Show all</button>}>
              {Object.keys(search).length ? "Take a filter away, or search for less." : "Items appear when the first round draws them: open one under Rounds."}
            </Empty>
          ) : null}
        </div>
      </Card>
      {picked.size ? <Selection picked={[...picked]} clear={() => setPicked(new Set())} /> : null}
    </div>
  );
}

function Line({ row, top, at, picked, pick }: { row: Row; top: number; at: boolean; picked: boolean; pick: (() => void) | undefined }) {
  return (
    <div className={`vrow ${at ? "at" : ""} ${picked ? "picked" : ""}`} style={{ transform: `translateY(${top}px)`, top: 0 }}>
      <span>{pick ? <input type="checkbox" checked={picked} onChange={pick} aria-label={`Select ${row.item}`} /> : null}</span>
      <Link className={`what ${row.thumbnail ? "with-thumb" : ""}`} to="/items/$item" params={{ item: row.item }}>
        {row.thumbnail ? <Thumb source={row.thumbnail} /> : null}
        <span className="lines">
          <span className="text clip">{row.text || row.item}</span>
          <span className="small muted clip">
            {row.item} {row.said.length ? `· ${row.said.map((s) => `${s.annotator}: ${s.label}`).join(", ")}` : ""}
          </span>
        </span>
      </Link>
      <span>{row.label ? <ClassChip name={row.label} /> : <span className="muted">–</span>}</span>
      <span>
        <State of={row.state} />
      </span>
      <span className="num">{row.disagreement === null ? "–" : figure(row.disagreement)}</span>
      <span className="num">
        {count(row.answers)}
        {row.posterior === null ? "" : ` · ${percent(row.posterior)}`}
      </span>
    </div>
  );
}

type Action = Shapes["Selection"]["action"];

function Selection({ picked, clear }: { picked: string[]; clear: () => void }) {
  const [asked, setAsked] = useState<Action | null>(null);
  const [reason, setReason] = useState("");
  const act = useChange(
    (action: Action) => send("post", "/items/actions", {}, { items: picked.slice(0, 1000), action, reason: reason || null }),
    () => {
      setAsked(null);
      clear();
    },
  );
  return (
    <div className="selection" role="toolbar" aria-label="Selected items">
      <b>{count(picked.length)} selected</b>
      <button type="button" className="button small" onClick={() => setAsked("expert")}>
        Send to the expert
      </button>
      <button type="button" className="button small" onClick={() => act.mutate("one_more")}>
        Ask for one more answer
      </button>
      <button type="button" className="button small danger" onClick={() => setAsked("exclude")}>
        Exclude
      </button>
      <button type="button" className="button small" onClick={() => act.mutate("include")}>
        Take in again
      </button>
      <button type="button" className="button small plain" onClick={clear}>
        Clear
      </button>
      {act.error ? <Trouble error={act.error} /> : null}
      <Dialog open={asked !== null} onClose={() => setAsked(null)} title={asked === "exclude" ? `Exclude ${picked.length} items?` : `Send ${picked.length} items to the expert?`}>
        <Field label="Why" hint="Kept with the items, and in the audit log.">
          <textarea rows={3} value={reason} onChange={(e) => setReason(e.target.value)} />
        </Field>
        <div className="row">
          <button type="button" className="button primary" disabled={act.isPending} onClick={() => asked && act.mutate(asked)}>
            {asked === "exclude" ? "Exclude" : "Send"}
          </button>
          <button type="button" className="button" onClick={() => setAsked(null)}>
            Cancel
          </button>
        </div>
      </Dialog>
    </div>
  );
}
