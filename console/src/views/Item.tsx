import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { Card, ClassChip, Field, Loaded, Page, State, Trouble, useClasses } from "../kit/basics";
import { Content, Labels, Track } from "../kit/Content";
import { InLabelStudio } from "../kit/InLabelStudio";
import { figure, moment, percent, seconds } from "../logic/numbers";
import { useRights } from "../rights";

type Detail = Shapes["ItemDetail"];
type Answer = Shapes["AnswerShape"];

export default function ItemPage() {
  const { item } = useParams({ strict: false }) as { item: string };
  const query = useApi("/items/{item}/detail", { item });
  return (
    <Loaded query={query}>
      {(d) => (
        <Page
          title={`Item ${d.item}`}
          lead={
            <span className="row tight">
              <State of={d.row?.state ?? "open"} />
              {d.row?.round ? <span className="badge">Round {d.row.round}</span> : null}
              <span>
                {d.row?.answers ?? 0} answers, disagreement {figure(d.row?.disagreement)}
              </span>
            </span>
          }
          actions={<Link to="/items" className="button">← All items</Link>}
        >
          <div className="grid">
            <Shown d={d} />
            <div className="s4 wide-md stack">
              <Consensus d={d} />
              <Facts d={d} />
            </div>
          </div>
          <Answers d={d} />
          <History d={d} />
        </Page>
      )}
    </Loaded>
  );
}

function Shown({ d }: { d: Detail }) {
  const valid = d.answers.filter((a) => a.state === "valid");
  const drawn = valid.filter((a) => (a.regions ?? []).some((r) => r.form !== "segment"));
  const [who, setWho] = useState<string>("");
  const several = !who && drawn.length > 1;
  const regions = drawn.flatMap((a, k) => (who && a.id !== who ? [] : (a.regions ?? []).map((r) => (several ? { ...r, tone: k % 8, by: a.annotator } : r))));
  const onPicture = regions.some((r) => r.form !== "span");
  return (
    <Card title="The item" className="s8 wide-md" actions={drawn.length ? <Whose answers={drawn} who={who} setWho={setWho} /> : null}>
      <Content item={d} regions={regions} />
      {several && onPicture ? (
        <div className="row tight" role="group" aria-label="Colours of those who drew">
          {drawn.map((a, k) => (
            <button type="button" key={a.id} className="button plain small" onClick={() => setWho(a.id)}>
              <span className={`class k${k % 8}`}>
                <i />
                {a.annotator}
              </span>
            </button>
          ))}
        </div>
      ) : null}
    </Card>
  );
}

function Whose({ answers, who, setWho }: { answers: Answer[]; who: string; setWho: (w: string) => void }) {
  return (
    <select aria-label="Whose regions are shown" value={who} onChange={(e) => setWho(e.target.value)}>
      <option value="">everybody's regions</option>
      {answers.map((a) => (
        <option key={a.id} value={a.id}>
          {a.annotator}
        </option>
      ))}
    </select>
  );
}

function Consensus({ d }: { d: Detail }) {
  const may = useRights();
  return (
    <Card title="Consensus, and why">
      {d.consensus.length ? (
        d.consensus.map((c) => (
          <div key={c.control} className="stack tight">
            <div className="row between tight">
              <span className="row tight">
                {c.label ? <ClassChip name={c.label} /> : <span className="muted">no label yet</span>}
                {d.consensus.length > 1 ? <span className="small muted">{c.control}</span> : null}
              </span>
              <State of={c.state} />
            </div>
            <Distribution of={c.distribution} />
            <p className="small muted">
              {c.method ? `By ${c.method}${c.by ? ` (${c.by})` : ""} from ${c.votes} answers. ` : ""}
              {c.posterior === null ? "" : `Probability ${c.method.startsWith("structure") ? "that all of it is so" : "of the label"}: ${percent(c.posterior, 1)}. `}
              {c.reason ? `${c.reason.charAt(0).toUpperCase()}${c.reason.slice(1)}.` : ""}
            </p>
          </div>
        ))
      ) : (
        <>
          <div className="row tight">{d.row?.label ? <ClassChip name={d.row.label} /> : <span className="muted">No label yet: the answers do not settle it.</span>}</div>
          <p className="small muted">{d.row?.label ? "What most annotators say so far. It is settled when the round closes." : "One more answer, or an expert's word, decides."}</p>
        </>
      )}
      {may.review ? <Decide d={d} /> : null}
    </Card>
  );
}

function Distribution({ of }: { of: Record<string, number> }) {
  const parts = Object.entries(of).sort((a, b) => b[1] - a[1]).slice(0, 6);
  if (parts.length < 2) return null;
  return (
    <div className="stack tight">
      {parts.map(([name, p]) => (
        <div key={name} className="row between tight small">
          <ClassChip name={name} />
          <span>{percent(p, 1)}</span>
        </div>
      ))}
    </div>
  );
}

function Decide({ d }: { d: Detail }) {
  const classes = useClasses();
  const [reason, setReason] = useState("");
  const decide = useChange((label: string) => send("post", "/items/{item}/decision", { item: d.item }, { label, reason: reason || null }));
  const act = useChange((action: Shapes["Selection"]["action"]) => send("post", "/items/actions", {}, { items: [d.item], action, reason: reason || null }));
  return (
    <details>
      <summary className="small">Decide, or send it on</summary>
      <div className="stack tight">
        <Field label="Why (kept)">
          <input value={reason} onChange={(e) => setReason(e.target.value)} />
        </Field>
        <div className="row tight">
          {classes.slice(0, 12).map((name) => (
            <button type="button" key={name} className="button small" disabled={decide.isPending} onClick={() => decide.mutate(name)}>
              {name}
            </button>
          ))}
        </div>
        <InLabelStudio item={d.item} />
        <div className="row tight">
          <button type="button" className="button small" onClick={() => act.mutate("expert")}>
            To the expert
          </button>
          <button type="button" className="button small" onClick={() => act.mutate("one_more")}>
            One more answer
          </button>
          <button type="button" className="button small danger" onClick={() => act.mutate("exclude")}>
            Exclude
          </button>
        </div>
        {decide.error || act.error ? <Trouble error={decide.error ?? act.error} /> : null}
      </div>
    </details>
  );
}

function Facts({ d }: { d: Detail }) {
  const metadata = Object.entries(d.metadata);
  return (
    <Card title="About it">
      <dl className="facts">
        <dt>Id</dt>
        <dd>{d.item}</dd>
        {d.group !== d.item ? (
          <>
            <dt>Group</dt>
            <dd>{d.group}</dd>
          </>
        ) : null}
        {d.existing ? (
          <>
            <dt>Label it came with</dt>
            <dd>{d.existing}</dd>
          </>
        ) : null}
        {metadata.map(([name, value]) => (
          <Pair key={name} name={name} value={typeof value === "string" ? value : JSON.stringify(value)} />
        ))}
      </dl>
      {d.waiting.map((w, k) => (
        <p key={k} className="small">
          Waits for <b>{String(w["annotator"])}</b> ({String(w["purpose"])}, {String(w["state"])}){" "}
          {w["desk"] ? (
            <a href={String(w["desk"])} target="_blank" rel="noreferrer">
              desk in Label Studio ↗
            </a>
          ) : null}
        </p>
      ))}
    </Card>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Answers({ d }: { d: Detail }) {
  const end = Math.max(1e-9, ...d.answers.flatMap((a) => (a.regions ?? []).filter((r) => r.form === "segment").map((r) => r.end ?? 0)));
  return (
    <Card title={`All answers (${d.answers.length})`}>
      {d.answers.length ? (
        <div className="answers">
          {d.answers.map((a) => (
            <article key={a.id} className={`answer ${a.state === "valid" ? "" : "dim"}`}>
              <div className="row between tight">
                <Link to="/people/$person" params={{ person: a.annotator }}>
                  <b>{a.annotator}</b>
                </Link>
                {a.state === "valid" ? <span className="badge">{a.purpose}</span> : <span className="badge fair">{a.state}: does not count</span>}
              </div>
              <Labels of={a.labels} />
              <Track regions={a.regions ?? []} end={end} />
              <span className="small muted">
                {moment(a.updated_at ?? a.created_at)} · {seconds(a.seconds)} · guidelines v{a.guidelines_version ?? "?"} · round {a.round}
                {a.url ? (
                  <>
                    {" · "}
                    <a href={a.url} target="_blank" rel="noreferrer">
                      in Label Studio ↗
                    </a>
                  </>
                ) : null}
              </span>
            </article>
          ))}
        </div>
      ) : (
        <p className="muted">Nobody has answered it yet.</p>
      )}
    </Card>
  );
}

function History({ d }: { d: Detail }) {
  if (!d.history.length) return null;
  return (
    <Card title="What happened to it">
      <ol className="history">
        {d.history.map((h, k) => (
          <li key={k} className="row tight">
            <span className="small muted nowrap">{moment(h.at)}</span>
            <b>{h.who}</b>
            <span className="grow break">{h.what}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
