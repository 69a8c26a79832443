import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { type Shapes, useApi } from "../api/client";
import { Card, ClassChip, Csv, Empty, Level, Loaded, Page, Range } from "../kit/basics";
import { Chart } from "../kit/Chart";
import { away, count, figure, moment, money, percent, seconds, story } from "../logic/numbers";

type Overview = Shapes["Overview"];

export const STATE_NAMES: [string, string][] = [
  ["accepted", "accepted"],
  ["adjudicated", "decided"],
  ["open", "open"],
  ["contested", "contested"],
  ["review", "with expert"],
  ["excluded", "excluded"],
];

export default function OverviewPage() {
  const query = useApi("/overview");
  return (
    <Loaded query={query} empty={<Page title="Overview"><Card><Empty title="The overview is being made">It appears here by itself in a few seconds.</Empty></Card></Page>}>
      {(o) => (
        <Page title={o.project.name} lead={`${count(o.progress.done)} answers on ${count(o.progress.drawn)} items${o.progress.pool ? ` of ${count(o.progress.pool)} in the pool` : ""}. As of ${moment(o.as_of)}.`}>
          <div className="grid">
            <Quality o={o} />
            <Attention o={o} />
            <Where o={o} />
            <When o={o} />
            <What o={o} />
            <Help o={o} />
            <Confused o={o} />
            <Curve o={o} />
            <Trend o={o} />
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Quality({ o }: { o: Overview }) {
  const a = o.agreement;
  return (
    <Card className="s7 wide-md">
      <p className="question">How good are the labels?</p>
      {a ? (
        <>
          <div className="row between">
            <div className="headline">{a.verdict.train}</div>
            <Level of={a.verdict.level} />
          </div>
          <div className="row" title={story(a.value)}>
            <span className="big">
              {figure(a.value.value)}
              <small>{a.measure}</small>
            </span>
            <span className="grow stack tight">
              <Range of={a.value} marks={[0.667, 0.8]} wide />
              <span className="scale">
                <span>0</span>
                <span>.667 usable · .8 reliable</span>
                <span>1</span>
              </span>
            </span>
          </div>
          <p className="small muted">
            {story(a.value)}. {a.scale ? `In words: ${a.scale}. ` : ""}Annotators give the same answer to {percent(a.percent.value)} of the items they share.
          </p>
          <p>{a.verdict.why}</p>
          <p>
            <b>Next:</b> {a.verdict.next_step}
          </p>
          <Link to="/agreement" className="small">
            Agreement in detail →
          </Link>
        </>
      ) : (
        <Empty title="Not known yet">Agreement needs items that two annotators have answered. It appears here as soon as there are some.</Empty>
      )}
    </Card>
  );
}

function Attention({ o }: { o: Overview }) {
  const sign: Record<string, string> = { next: "→", warn: "!", info: "i" };
  return (
    <Card title="What needs you now" className="s5 wide-md">
      <div>
        {o.attention.map((p) => (
          <a key={p.title + p.detail} className="todo" href={p.link}>
            <span className={`sign ${p.level}`} aria-hidden="true">
              {sign[p.level] ?? "i"}
            </span>
            <span className="grow">
              <b>
                {p.title}
                {p.n ? ` · ${count(p.n)}` : ""}
              </b>
              <span className="small muted">{p.detail}</span>
            </span>
          </a>
        ))}
        {o.attention.length ? null : <p className="muted">Nothing. The work goes on by itself.</p>}
        {o.worker === "failing" ? (
          <p className="problem">
            <b>The worker cannot reach Label Studio</b>What was answered is not lost; see `labelwright doctor`.
          </p>
        ) : null}
      </div>
    </Card>
  );
}

function Where({ o }: { o: Overview }) {
  const p = o.progress;
  const total = Math.max(1, Object.values(p.by_state).reduce((a, b) => a + b, 0));
  return (
    <Card className="s4">
      <p className="question">Where are we?</p>
      <div className="big">
        {count(p.done)}
        <small>answers{p.waiting ? `, ${count(p.waiting)} to come` : ""}</small>
      </div>
      <div className="bar" role="img" aria-label={STATE_NAMES.map(([k, n]) => `${n}: ${p.by_state[k] ?? 0}`).join(", ")}>
        {STATE_NAMES.map(([k]) => (p.by_state[k] ? <span key={k} className={`st-${k}`} style={{ width: `${(100 * (p.by_state[k] ?? 0)) / total}%` }} /> : null))}
      </div>
      <div className="legend">
        {STATE_NAMES.filter(([k]) => p.by_state[k]).map(([k, name]) => (
          <Link key={k} to="/items" search={{ state: [k] }}>
            <i className={`st-${k}`} />
            <b>{count(p.by_state[k])}</b> {name}
          </Link>
        ))}
      </div>
      <dl className="facts">
        <dt>Drawn from the pool</dt>
        <dd>
          {count(p.drawn)} of {count(p.pool)}
        </dd>
        <dt>On desks</dt>
        <dd>{count(p.on_desks)}</dd>
        <dt>Skipped</dt>
        <dd>{count(p.skipped)}</dd>
      </dl>
    </Card>
  );
}

function When({ o }: { o: Overview }) {
  const f = o.forecast;
  const now = new Date(o.as_of);
  const points = o.throughput.map((t) => ({ name: t.time.slice(5).replace("T", " "), value: t.answers }));
  return (
    <Card className="s4" title={<span className="question">When will it be done?</span>} actions={<Csv href="/api/v1/tables/throughput.csv" />}>
      {f.done_at && f.earliest && f.latest ? (
        <>
          <div className="big">
            in {away(f.done_at, now)}
            <small>{moment(f.done_at)}</small>
          </div>
          <p className="small muted">
            {count(f.remaining)} answers to come at {figure(f.per_hour, 0)} an hour ({figure(f.low, 0)} to {figure(f.high, 0)}): between {away(f.earliest, now)} and {away(f.latest, now)} from now.
          </p>
        </>
      ) : (
        <>
          <div className="big">{f.remaining ? "–" : "All answered"}</div>
          <p className="small muted">
            {f.reason}.{f.remaining ? "" : " Every answer that was asked for has come; the next round asks for more."}
          </p>
        </>
      )}
      {o.project.deadline ? <p className="small">Deadline: {moment(o.project.deadline)}</p> : null}
      {points.length ? <Chart label="Answers over time" series={[{ name: "answers", points, kind: "bar" }]} format={(v) => count(Math.round(v))} low /> : null}
    </Card>
  );
}

function What({ o }: { o: Overview }) {
  const c = o.cost;
  const [price, setPrice] = useState("");
  const tried = c.per_answer ?? (price ? Number(price) : null);
  const planned = c.budget_answers ?? c.planned_answers;
  const share = planned ? c.answers / planned : 0;
  const hours = c.seconds_per_answer === null ? null : (c.seconds_per_answer * planned) / 3600;
  return (
    <Card className="s4">
      <p className="question">What will it cost?</p>
      <div className="big">
        {tried === null || Number.isNaN(tried) ? count(planned) : money(c.forecast ?? tried * planned, c.currency)}
        <small>{tried === null || Number.isNaN(tried) ? "answers in all" : `for ${count(planned)} answers`}</small>
      </div>
      <div className="meter" role="img" aria-label={`${percent(share)} of the answers are given`}>
        <span style={{ width: `${Math.min(100, 100 * share)}%` }} />
      </div>
      <dl className="facts">
        <dt>{c.budget_answers ? "Budget used" : "Given of those planned"}</dt>
        <dd>
          {count(c.answers)} of {count(planned)} answers ({percent(share)})
        </dd>
        <dt>Spent so far</dt>
        <dd>{tried === null || Number.isNaN(tried) ? "–" : money(c.spent ?? tried * c.answers, c.currency)}</dd>
        <dt>Labeling time in all</dt>
        <dd>
          {hours === null ? "–" : `${figure(hours, 1)} h`} at {seconds(c.seconds_per_answer)} an answer
        </dd>
      </dl>
      {c.per_answer === null ? (
        <label className="field">
          <span>Try a price per answer ({c.currency})</span>
          <input type="number" min="0" step="0.01" inputMode="decimal" placeholder="0.05" value={price} onChange={(e) => setPrice(e.target.value)} />
          <small>To keep it, set budget.per_answer in labelwright.yaml.</small>
        </label>
      ) : null}
    </Card>
  );
}

function Help({ o }: { o: Overview }) {
  const lines = o.agreement?.verdict.help ?? [];
  return (
    <Card title="Who needs help" className="s6 wide-md" actions={<Link to="/people">All people →</Link>}>
      {lines.length ? (
        <ul className="stack tight">
          {lines.map((line) => (
            <li key={line} className="row tight">
              <span className="badge fair" aria-hidden="true">
                !
              </span>
              <span className="grow">{line}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">Nobody stands apart from the others as far as the answers tell.</p>
      )}
      {(o.agreement?.verdict.guidelines ?? []).map((line) => (
        <p key={line} className="small">
          <b>Guidelines:</b> {line}
        </p>
      ))}
      {o.agreement ? (
        <p className="small">
          <b>For the expert:</b> {o.agreement.verdict.experts}
        </p>
      ) : null}
    </Card>
  );
}

function Confused({ o }: { o: Overview }) {
  const pairs = o.agreement?.confused ?? [];
  const most = Math.max(1, ...pairs.map((p) => p.n));
  return (
    <Card title="Which class is confused with which" className="s6 wide-md" actions={<Link to="/agreement">Matrix →</Link>}>
      {pairs.length ? (
        <div className="stack">
          {pairs.map((p) => (
            <Link key={p.classes.join("~")} to="/items" search={{ pair: p.classes.join("~"), sort: "disagreement", descending: true }} className="stack tight">
              <span className="row between tight">
                <span className="row tight">
                  <ClassChip name={p.classes[0] ?? ""} />
                  <span className="muted">⇄</span>
                  <ClassChip name={p.classes[1] ?? ""} />
                </span>
                <span className="small">
                  <b>{count(p.n)}</b> pairs of answers, {percent(p.rate)} of those with either
                </span>
              </span>
              <span className="meter">
                <span style={{ width: `${(100 * p.n) / most}%` }} />
              </span>
            </Link>
          ))}
        </div>
      ) : (
        <p className="muted">No two classes were given to the same item so far.</p>
      )}
    </Card>
  );
}

function Curve({ o }: { o: Overview }) {
  const points = o.curve.map((r) => ({ name: `${count(r.labels)} answers`, value: r.accuracy.value, low: r.accuracy.low, high: r.accuracy.high }));
  const random = o.curve.filter((r) => r.random !== null).map((r) => ({ name: `${count(r.labels)} answers`, value: r.random }));
  const series = [{ name: "model", points }, ...(random.length ? [{ name: "random", points: random, muted: true }] : [])];
  return (
    <Plain title="What the model has learned" link={<Link to="/rounds">Rounds →</Link>}>
      {points.length ? <Chart label="Accuracy on items it never saw, after each round" series={series} format={(v) => percent(v)} /> : <Empty title="No model yet">It is trained when the first round closes.</Empty>}
    </Plain>
  );
}

function Trend({ o }: { o: Overview }) {
  const parts = o.agreement?.trend ?? [];
  const points = parts.map((p) => ({ name: p.name, value: p.value, low: p.low, high: p.high }));
  return (
    <Plain title="Agreement over time" link={<Link to="/agreement">By slice →</Link>}>
      {points.length > 1 ? <Chart label={o.agreement?.measure ?? "Agreement"} series={[{ name: "agreement", points }]} to={1} /> : <Empty title="One stretch so far">A trend needs answers of several rounds or days.</Empty>}
    </Plain>
  );
}

function Plain({ title, link, children }: { title: string; link: ReactNode; children: ReactNode }) {
  return (
    <Card title={title} actions={link} className="s6 wide-md">
      {children}
    </Card>
  );
}
