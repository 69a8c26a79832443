import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { Card, ClassChip, Csv, Empty, Field, Loaded, Page, State, Thumb, Trouble } from "../kit/basics";
import { InLabelStudio } from "../kit/InLabelStudio";
import { colourOf, classOfKey } from "../logic/classes";
import { count, figure, percent } from "../logic/numbers";
import { useRights } from "../rights";

type Queue = Shapes["Queue"];

export default function ReviewPage() {
  const query = useApi("/review");
  return (
    <Loaded query={query}>
      {(q) => (
        <Page
          title="Review"
          lead={`${count(q.waiting)} items that the answers do not settle, the most disputed first; ${count(q.decided)} decided so far.`}
          actions={<Csv href="/api/v1/tables/items.csv?state=contested&state=review&sort=disagreement&descending=true" />}
        >
          {q.items.length ? (
            <Desk q={q} />
          ) : (
            <Card>
              <Empty title="Nothing is contested" action={<Link className="button" to="/items" search={{ state: ["adjudicated"] }}>Decided items</Link>}>
                Items come here when their answers differ and no further answer would settle them. Annotators never see this queue.
              </Empty>
            </Card>
          )}
        </Page>
      )}
    </Loaded>
  );
}

function Desk({ q }: { q: Queue }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [gone, setGone] = useState<readonly string[]>([]);
  const may = useRights();
  const open = q.items.filter((i) => !gone.includes(i.item));
  const at = Math.max(0, open.findIndex((i) => i.item === chosen));
  const item = open[at];
  const decide = useChange(
    ({ id, label }: { id: string; label: string }) => send("post", "/items/{item}/decision", { item: id }, { label, reason: reason || null }),
    () => setReason(""),
  );
  const give = useCallback(
    (label: string) => {
      if (!item || decide.isPending) return;
      setGone((old) => [...old, item.item]);
      setChosen(open[at + 1]?.item ?? open[0]?.item ?? null);
      decide.mutate({ id: item.item, label }, { onError: () => setGone((old) => old.filter((o) => o !== item.item)) });
    },
    [item, decide, open, at],
  );
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.metaKey || event.ctrlKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      const label = classOfKey(event.key, q.classes);
      if (label && may.review) give(label);
      else if (event.key === "j" || event.key === "ArrowDown") setChosen(open[Math.min(open.length - 1, at + 1)]?.item ?? null);
      else if (event.key === "k" || event.key === "ArrowUp") setChosen(open[Math.max(0, at - 1)]?.item ?? null);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [give, open, at, q.classes, may.review]);
  if (!item) return <Card><Empty title="This page is done">The next contested items are being fetched.</Empty></Card>;
  return (
    <div className="grid">
      <Card className="s8 wide-md" title={`Item ${item.item}`} actions={<><State of={item.state} /><Link className="small" to="/items/$item" params={{ item: item.item }}>Open →</Link></>}>
        {item.thumbnail ? <Thumb source={item.thumbnail} large /> : null}
        <div className="content">{item.text}</div>
        <Why item={item} />
        <div className="answers">
          {item.said
            .filter((s) => s.control === q.control)
            .map((s) => (
              <div key={s.annotator} className="answer">
                <span className="small muted">{s.annotator}</span>
                <ClassChip name={s.label} />
              </div>
            ))}
        </div>
        {may.review && q.classes.length ? (
          <>
            <h3>The final word</h3>
            <div className="choices">
              {q.classes.map((name, k) => (
                <button type="button" key={name} className="choice" onClick={() => give(name)}>
                  <span className={`class k${colourOf(name, q.classes)}`}>
                    <i />
                    {name}
                  </span>
                  {k < 10 ? <span className="kbd">{(k + 1) % 10}</span> : null}
                </button>
              ))}
            </div>
            <Field label="Why (optional; the annotators see it)">
              <input value={reason} onChange={(e) => setReason(e.target.value)} />
            </Field>
          </>
        ) : null}
        {q.classes.length ? null : <p className="muted">What is asked here is drawn or written: decide in Label Studio.</p>}
        {may.review ? <InLabelStudio item={item.item} primary={!q.classes.length} /> : null}
        {decide.error ? <Trouble error={decide.error} /> : null}
      </Card>
      <Card className="s4 wide-md" flush title={`Queue (${count(q.waiting)})`}>
        <div className="scroll" style={{ maxHeight: "70vh" }} tabIndex={0} role="region" aria-label="Queue">
          <table className="data">
            <tbody>
              {open.map((i, k) => (
                <tr key={i.item} aria-selected={k === at}>
                  <td>
                    <button type="button" className="button plain pick" onClick={() => setChosen(i.item)}>
                      <span className="clamp">{i.text || i.item}</span>
                    </button>
                  </td>
                  <td className="num">{figure(i.disagreement)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className="small muted" style={{ padding: "10px 14px" }}>
          <span className="kbd">1</span>–<span className="kbd">9</span> decide, <span className="kbd">j</span> <span className="kbd">k</span> move
        </p>
      </Card>
    </div>
  );
}

function Why({ item }: { item: Queue["items"][number] }) {
  const c = item.consensus;
  const parts = Object.entries(c?.distribution ?? {}).sort((a, b) => b[1] - a[1]);
  const said = [...new Set(item.said.map((s) => s.label))];
  return (
    <p className="small muted">
      <b>Why it is contested:</b> {c?.reason ?? `${item.answers} annotators gave ${said.length} different answers (disagreement ${figure(item.disagreement)})`}.
      {parts.length ? ` ${parts.slice(0, 3).map(([n, p]) => `${n} ${percent(p)}`).join(", ")}.` : ""}
    </p>
  );
}
