import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { Card, ClassChip, Csv, Dialog, Field, Loaded, Measure, Page, State, Trouble } from "../kit/basics";
import { count, figure, money, percent, seconds } from "../logic/numbers";
import { ofThem } from "../logic/text";
import { useRights } from "../rights";
import { Mine } from "./Me";

type Person = Shapes["Person"];

export default function PersonPage() {
  const { person } = useParams({ strict: false }) as { person: string };
  const query = useApi("/people/{person}", { person });
  return (
    <Loaded query={query}>
      {(p) => (
        <Page
          title={p.name}
          lead={
            <span className="row tight">
              <State of={p.status} />
              <span className="badge">{p.level}</span>
              {p.simulated ? <span className="badge fair">simulated</span> : null}
              <span>{p.email}</span>
            </span>
          }
          actions={<Actions p={p} />}
        >
          <div className="grid">
            <Quality p={p} />
            <Work p={p} />
            <Habits p={p} />
            <Preview p={p} />
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Actions({ p }: { p: Person }) {
  const may = useRights();
  const [pausing, setPausing] = useState(false);
  const [reason, setReason] = useState("");
  const change = useChange(
    (body: Shapes["PersonChange"]) => send("patch", "/people/{person}", { person: p.id }, body),
    () => setPausing(false),
  );
  if (!may.manage) return null;
  return (
    <>
      <select aria-label="Level" value={p.level} disabled={change.isPending} onChange={(e) => change.mutate({ level: e.target.value as "novice" | "regular" | "expert" })}>
        {["novice", "regular", "expert"].map((level) => (
          <option key={level}>{level}</option>
        ))}
      </select>
      {p.status === "active" ? (
        <button type="button" className="button" onClick={() => setPausing(true)}>
          Pause
        </button>
      ) : (
        <button type="button" className="button primary" onClick={() => change.mutate({ status: "active", reason: "resumed in the console" })}>
          Resume
        </button>
      )}
      {change.error ? <Trouble error={change.error} /> : null}
      <Dialog open={pausing} onClose={() => setPausing(false)} title={`Pause ${p.name}?`}>
        <p>Their desk gets nothing new until you resume them. What they answered stays.</p>
        <Field label="Why" hint="They are told.">
          <textarea rows={3} value={reason} onChange={(e) => setReason(e.target.value)} />
        </Field>
        <div className="row">
          <button type="button" className="button primary" disabled={change.isPending} onClick={() => change.mutate({ status: "paused", reason: reason || "paused by the lead" })}>
            Pause
          </button>
          <button type="button" className="button" onClick={() => setPausing(false)}>
            Cancel
          </button>
        </div>
      </Dialog>
    </>
  );
}

function Quality({ p }: { p: Person }) {
  return (
    <Card title="Quality" className="s6 wide-md">
      {p.help.map((line) => (
        <p key={line} className="banner">
          {line}
        </p>
      ))}
      {p.stands_apart ? <p className="banner">~ Surely agrees less with the others than the team does</p> : null}
      {p.looks ? <p className="banner">✗ Answers look {p.looks}: they do not depend on the item</p> : null}
      <dl className="facts">
        <dt>Agreement with others</dt>
        <dd>
          <Measure of={p.agreement} format={(v) => percent(v, 1)} />
        </dd>
        <dt>Kappa with others</dt>
        <dd>
          <Measure of={p.kappa} />
        </dd>
        <Maybe name="Skill (expected share right)" of={p.skill} />
        <Maybe name="Right on gold" of={p.gold} />
        <Maybe name="Right on settled items" of={p.settled} />
        {p.alpha_without ? (
          <>
            <dt>Alpha without them</dt>
            <dd>
              <Measure of={p.alpha_without} />
            </dd>
          </>
        ) : null}
        <dt>Drift</dt>
        <dd>{p.drift_found ? <span className="badge fair">~ {p.drift}</span> : (p.drift ?? <span className="muted">too few answers to test</span>)}</dd>
        {p.biases.map((b) => (
          <Fact key={b.label} name={`Gives ${b.label}`} value={`${b.bias > 0 ? "+" : "−"}${Math.abs(100 * b.bias).toFixed(0)} points against the consensus (${(100 * b.low).toFixed(0)} to ${(100 * b.high).toFixed(0)})`} />
        ))}
      </dl>
      <Link to="/items" search={{ annotator: [p.id], differing: true, sort: "disagreement", descending: true }}>
        Where they differ from others →
      </Link>
    </Card>
  );
}

function Maybe({ name, of }: { name: string; of: Shapes["Measure"] | null | undefined }) {
  if (!of) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{of.value === null ? <span className="small muted">{ofThem(of.reason ?? "–")}</span> : <Measure of={of} format={(v) => percent(v, 1)} />}</dd>
    </>
  );
}

function Work({ p }: { p: Person }) {
  const may = useRights();
  const [rate, setRate] = useState("");
  const pay = useChange(
    () => send("patch", "/people/{person}", { person: p.id }, { rate }),
    () => setRate(""),
  );
  const link = p.personal_link ? location.origin + p.personal_link : null;
  return (
    <Card title="Work" className="s6 wide-md" actions={<Csv href="/api/v1/tables/people.csv" />}>
      <dl className="facts">
        <dt>Answers given</dt>
        <dd>{count(p.done)}</dd>
        <dt>On the desk</dt>
        <dd>{count(p.on_desk)}</dd>
        <dt>Waiting behind it</dt>
        <dd>{count(p.waiting)}</dd>
        <dt>Skipped</dt>
        <dd>{count(p.skipped)}</dd>
        <dt>Median time per item</dt>
        <dd>
          <Measure of={p.seconds} format={(v) => seconds(v)} bare />
        </dd>
        {p.hours ? <Fact name="Active time" value={seconds(p.hours * 3600)} /> : null}
        <dt>Rate</dt>
        <dd>{p.rate ?? <span className="muted">none named</span>}</dd>
        <dt>Earned</dt>
        <dd>{p.cost === null || p.cost === undefined ? <span className="muted">needs a rate</span> : <b>{money(p.cost, p.currency ?? "EUR")}</b>}</dd>
        {Object.entries(p.states)
          .filter(([s]) => s !== "valid")
          .map(([s, n]) => (
            <Fact key={s} name={`Annotations ${s}`} value={count(n)} />
          ))}
      </dl>
      {may.manage ? (
        <form
          className="row tight"
          onSubmit={(e) => {
            e.preventDefault();
            pay.mutate(undefined);
          }}
        >
          <input aria-label="New rate" className="grow" required placeholder="18.50/hour or 0.08/label" value={rate} onChange={(e) => setRate(e.target.value)} />
          <button className="button" disabled={pay.isPending}>
            Set the rate
          </button>
        </form>
      ) : null}
      {pay.error ? <Trouble error={pay.error} /> : null}
      <div className="row">
        {p.desk ? (
          <a className="button" href={p.desk} target="_blank" rel="noreferrer">
            Open the desk in Label Studio ↗
          </a>
        ) : null}
        {link ? (
          <a className="button" href={link} target="_blank" rel="noreferrer">
            Their personal page ↗
          </a>
        ) : null}
      </div>
      {link ? (
        <p className="small muted">
          Send it to {p.name}: <code className="break">{link}</code>
        </p>
      ) : null}
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Habits({ p }: { p: Person }) {
  return (
    <Card title="Says differently" className="s6 wide-md">
      {p.habits.length ? (
        p.habits.map((h) => (
          <div key={h.said + h.others_said} className="row between tight">
            <span className="row tight">
              <ClassChip name={h.said} /> <span className="small muted">where others say</span> <ClassChip name={h.others_said} />
            </span>
            <b>{count(h.n)}</b>
          </div>
        ))
      ) : (
        <p className="muted">Nothing stands out.</p>
      )}
      {p.alpha_without?.value !== null && p.alpha_without?.value !== undefined ? <p className="small muted">Without this annotator alpha would be {figure(p.alpha_without.value)}.</p> : null}
    </Card>
  );
}

function Preview({ p }: { p: Person }) {
  const [open, setOpen] = useState(false);
  const page = useApi("/people/{person}/feedback", { person: p.id }, {}, open);
  return (
    <Card title="The feedback that they see" className={open ? "s12" : "s6 wide-md"} actions={<button type="button" className="button small" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? "Hide" : "Preview"}</button>}>
      {open ? <Loaded query={page}>{(mine) => <Mine mine={mine} />}</Loaded> : <p className="muted">Their own numbers, and settled items that they saw differently. Never anybody else's answers.</p>}
    </Card>
  );
}
