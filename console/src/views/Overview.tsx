import { Link, Navigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { follow } from "../api/live";
import { Card, ClassChip, Csv, Empty, Level, Loaded, Page, Range, Trouble } from "../kit/basics";
import { Chart } from "../kit/Chart";
import { away, count, figure, moment, money, percent, seconds, story } from "../logic/numbers";
import { useRights } from "../rights";

type Overview = Shapes["Overview"];

export const STATE_NAMES: [string, string][] = [
  ["accepted", "accepted"],
  ["adjudicated", "decided"],
  ["open", "open"],
  ["contested", "contested"],
  ["review", "with expert"],
  ["excluded", "excluded"],
];

/** A project without data begins with the set-up. */
export default function OverviewPage() {
  const query = useApi("/overview");
  const setup = useApi("/setup");
  const may = useRights();
  if (may.manage && setup.data && !setup.data.items && !setup.data.rounds) return <Navigate to="/setup" replace />;
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
            <Checks />
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
            {story(a.value)}. {a.scale ? `In words: ${a.scale}. ` : ""}
            {a.percent.value === null ? "" : `Annotators give the same answer to ${percent(a.percent.value)} of the items they share.`}
          </p>
          <p>{a.verdict.why}</p>
          <p>
            <b>Next:</b> {a.verdict.next_step}
          </p>
          <Certified o={o} />
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

const FIRST = 5;

function Attention({ o }: { o: Overview }) {
  const [all, setAll] = useState(false);
  const sign: Record<string, string> = { next: "→", warn: "!", info: "i" };
  return (
    <Card title="What needs you now" className="s5 wide-md">
      <div>
        {(all ? o.attention : o.attention.slice(0, FIRST)).map((p) => (
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
        {o.attention.length > FIRST ? (
          <button type="button" className="button plain small" onClick={() => setAll(!all)}>
            {all ? "Fewer" : `${o.attention.length - FIRST} more`}
          </button>
        ) : null}
        {o.attention.length ? null : <p className="muted">Nothing. The work goes on by itself.</p>}
        {o.worker === "failing" ? (
          <p className="problem">
            <b>The worker cannot reach Label Studio</b>What was answered is not lost; see <code>labelwright doctor</code>.
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

/** What an audit says of labels that nobody looked at; without one nothing is claimed. */
function Certified({ o }: { o: Overview }) {
  const may = useRights();
  const c = o.certified;
  const begin = useChange((again: boolean) => send("post", "/certify", {}, { target: 0.95, again }), follow);
  const button = (name: string, again: boolean) =>
    may.manage ? (
      <button type="button" className="button small" disabled={begin.isPending} onClick={() => begin.mutate(again)}>
        {name}
      </button>
    ) : null;
  return (
    <div className="certified">
      {c ? (
        <>
          <div className="row between tight">
            <b>
              {c.verdict === "certified" ? `✓ Certified: ${percent(c.accepted_share)} of the items (${count(c.accepted)} of ${count(c.items)})` : c.verdict === "auditing" ? "◷ An audit is under way" : "✗ Not certifiable"}
            </b>
            {c.verdict === "auditing" ? <Link to="/review" className="small">{count(c.audited)} audited →</Link> : button("Audit anew", true)}
          </div>
          <p className="small muted">
            Target: {percent(c.target)} right among the labels accepted unseen. {c.reason}. {c.statement} {c.remedy ?? ""}
          </p>
        </>
      ) : (
        <>
          <div className="row between tight">
            <b>Nothing is certified</b>
            {button("Begin an audit", false)}
          </div>
          <p className="small muted">No label was audited. In an audit experts look at some labels, drawn at random; then it can be said how many of the others are right.</p>
        </>
      )}
      {begin.error ? <Trouble error={begin.error} /> : null}
    </div>
  );
}

/** The forecast of the whole job where there are answers enough; before, the pace so far. */
function When({ o }: { o: Overview }) {
  const f = o.forecast;
  const e = o.expected;
  const now = new Date(o.as_of);
  const ends = e?.finish.expected && e.finish.earliest && e.finish.latest ? { at: e.finish.expected, earliest: e.finish.earliest, latest: e.finish.latest } : f.done_at && f.earliest && f.latest ? { at: f.done_at, earliest: f.earliest, latest: f.latest } : null;
  const remaining = e?.remaining_answers ?? f.remaining;
  return (
    <Card className="s4" title={<span className="question">When will it be done?</span>} actions={<Csv href="/api/v1/tables/throughput.csv" />}>
      {ends && remaining ? (
        <>
          <div className="big">
            in {away(ends.at, now)}
            <small>{moment(ends.at)}</small>
          </div>
          <p className="small muted">
            {count(remaining)} answers to come{e?.until ? ` until ${e.until}` : ""}
            {f.per_hour === null ? "" : `, at ${figure(f.per_hour, 0)} an hour so far`}: between {away(ends.earliest, now)} and {away(ends.latest, now)} from now ({e?.finish.expected ? 90 : 95} % interval).
          </p>
        </>
      ) : (
        <>
          <div className="big">{remaining ? "–" : "All answered"}</div>
          <p className="small muted">
            {remaining ? (e?.finish.reason ?? f.reason) : f.reason}.{remaining ? "" : " Every answer that was asked for has come; the next round asks for more."}
          </p>
        </>
      )}
      {o.project.deadline ? <p className="small">Deadline: {moment(o.project.deadline)}</p> : null}
      <Flow o={o} />
    </Card>
  );
}

function Flow({ o }: { o: Overview }) {
  const burn = o.expected?.burn_down ?? [];
  const name = (at: string): string => at.slice(5, o.expected?.step === "day" ? 10 : 16).replace("T", " ");
  if (burn.length > 2 && (o.expected?.remaining_answers ?? 0) > 0) {
    const past = burn.filter((p) => !p.forecast).map((p) => ({ name: name(p.at), value: p.remaining }));
    const ahead = burn.filter((p) => p.forecast).map((p) => ({ name: name(p.at), value: p.remaining, low: p.low, high: p.high }));
    return <Chart label="Answers still to come" series={[{ name: "so far", points: past, band: true }, { name: "forecast", points: ahead, muted: true, band: true }]} format={(v) => count(Math.round(v))} from={0} low />;
  }
  const points = o.throughput.map((t) => ({ name: t.time.slice(5).replace("T", " "), value: t.answers }));
  return points.length ? <Chart label="Answers over time" series={[{ name: "answers", points, kind: "bar" }]} format={(v) => count(Math.round(v))} low /> : null;
}

function What({ o }: { o: Overview }) {
  const c = o.cost;
  const total = o.expected?.total_cost;
  const [price, setPrice] = useState("");
  const trying = c.per_answer === null && price && !Number.isNaN(Number(price)) ? Number(price) : null;
  const planned = c.budget_answers ?? c.planned_answers;
  const share = (c.budget_money === null ? null : c.budget_share) ?? (planned ? c.answers / planned : 0);
  const expected = total?.expected ?? c.forecast ?? (trying === null ? null : trying * planned);
  const hours = c.seconds_per_answer === null ? null : (c.seconds_per_answer * planned) / 3600;
  return (
    <Card className="s4">
      <p className="question">What will it cost?</p>
      <div className="big">
        {expected === null ? count(planned) : money(expected, c.currency)}
        <small>{expected === null ? "answers in all" : trying === null ? "in all, as planned" : `for ${count(planned)} answers`}</small>
      </div>
      {total?.expected != null && total.low !== null && total.high !== null && money(total.high, c.currency) !== money(total.low, c.currency) ? (
        <p className="small muted">
          Between {money(total.low, c.currency)} and {money(total.high, c.currency)} (90 % interval).
        </p>
      ) : null}
      <div className="meter" role="img" aria-label={`${percent(share)} of the ${c.budget_share === null ? "answers are given" : "budget is used"}`}>
        <span style={{ width: `${Math.min(100, 100 * share)}%` }} />
      </div>
      <dl className="facts">
        <dt>{c.budget_share === null ? "Given of those planned" : "Budget used"}</dt>
        <dd>
          {c.budget_money === null ? `${count(c.answers)} of ${count(planned)} answers` : `${money(c.spent, c.currency)} of ${money(c.budget_money, c.currency)}`} ({percent(share)})
        </dd>
        <dt>Spent so far</dt>
        <dd>{c.spent === null ? (trying === null ? "–" : money(trying * c.answers, c.currency)) : money(c.spent, c.currency)}</dd>
        {c.per_answer === null ? null : (
          <>
            <dt>An answer</dt>
            <dd>{money(c.per_answer, c.currency)}</dd>
          </>
        )}
        {c.whole_budget === null ? null : (
          <>
            <dt>The whole budget</dt>
            <dd>
              {money(c.whole_budget, c.currency)} for {count(c.budget_answers)} answers
            </dd>
          </>
        )}
        <dt>Labeling time in all</dt>
        <dd>
          {hours === null ? "–" : `${figure(hours, 1)} h`} at {seconds(c.seconds_per_answer)} an answer
        </dd>
      </dl>
      {c.by_purpose.length > 1 && c.spent !== null ? (
        <details>
          <summary className="small">By purpose</summary>
          <dl className="facts">
            {c.by_purpose.map((x) => (
              <PurposeLine key={x.name} name={x.name} value={`${money(x.amount, c.currency)} for ${count(x.answers)}`} />
            ))}
          </dl>
        </details>
      ) : null}
      {c.spent !== null && c.without_rate ? <p className="small muted">{count(c.without_rate)} answers are by people without a rate: they are not in the sum.</p> : null}
      {c.per_answer === null ? (
        <label className="field">
          <span>Try a price per answer ({c.currency})</span>
          <input type="number" min="0" step="0.01" inputMode="decimal" placeholder="0.05" value={price} onChange={(e) => setPrice(e.target.value)} />
          <small>{c.reason}.</small>
        </label>
      ) : null}
    </Card>
  );
}

function PurposeLine({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

const CHECKED: Record<string, [string, string]> = { pass: ["✓", "good"], fail: ["✗", "poor"], "not yet": ["·", ""] };

/** The list of a careful lead: what passes is folded away. */
function Checks() {
  const may = useRights();
  const query = useApi("/checks");
  const run = useChange(() => send("post", "/checks"), follow);
  const lines = query.data?.lines ?? [];
  const passed = lines.filter((l) => l.verdict === "pass");
  const line = (l: (typeof lines)[number]) => (
    <li key={l.check} className="check">
      <span className={`badge ${CHECKED[l.verdict]?.[1] ?? ""}`}>
        {CHECKED[l.verdict]?.[0]} {l.verdict}
      </span>
      <span className="grow">
        <b>{l.check}</b> <span className="muted">{l.seen}</span>
        {l.next_step ? <span className="small muted"> Next: {l.next_step}</span> : null}
      </span>
    </li>
  );
  return (
    <Card
      title="Checks"
      className="s12"
      actions={
        <>
          {query.data?.at ? <span className="small muted">as of {moment(query.data.at)}</span> : null}
          {may.manage ? (
            <button type="button" className="button small" disabled={run.isPending} onClick={() => run.mutate(undefined)}>
              Check now
            </button>
          ) : null}
        </>
      }
    >
      {lines.length ? (
        <>
          <ul className="stack tight">{lines.filter((l) => l.verdict !== "pass").map(line)}</ul>
          {passed.length ? (
            <details>
              <summary className="small">{passed.length} pass</summary>
              <ul className="stack tight">{passed.map(line)}</ul>
            </details>
          ) : null}
        </>
      ) : (
        <p className="muted">Nobody has walked the list yet: is Label Studio reachable, are there examples for every class, is the export ready …</p>
      )}
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
  const random = o.curve.filter((r) => r.by_chance.value !== null).map((r) => ({ name: `${count(r.labels)} answers`, value: r.by_chance.value, low: r.by_chance.low, high: r.by_chance.high }));
  const series = [{ name: "model", points }, ...(random.length ? [{ name: "items drawn at random", points: random, muted: true }] : [])];
  return (
    <Plain title="What the model has learned" link={<Link to="/rounds">Rounds →</Link>}>
      {points.length ? <Chart label="Accuracy on items it never saw, after each round" series={series} format={(v) => percent(v)} near /> : <Empty title="No model yet">It is trained when the first round closes.</Empty>}
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
