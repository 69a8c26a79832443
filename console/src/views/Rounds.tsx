import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { follow } from "../api/live";
import { Card, Csv, Dialog, Empty, Field, Loaded, Measure, Page, State, Trouble } from "../kit/basics";
import { Chart } from "../kit/Chart";
import { Table } from "../kit/Table";
import { count, moment, percent, story } from "../logic/numbers";
import { useRights } from "../rights";

type Round = Shapes["RoundShape"];
const STEPS: [string, string][] = [
  ["select", "select"],
  ["deliver", "fill desks"],
  ["wait", "label"],
  ["settle", "settle"],
  ["train", "train"],
  ["evaluate", "evaluate"],
  ["score", "score"],
  ["next", "decide"],
];

export default function RoundsPage() {
  const rounds = useApi("/rounds");
  const models = useApi("/models");
  return (
    <Page title="Rounds and models" lead="Each round selects items, has them labeled, settles the labels, trains a model and scores the pool." actions={<Actions rounds={rounds.data ?? []} />}>
      <Loaded query={rounds}>
        {(found) =>
          found.length ? (
            <>
              <TheLoop rounds={found} />
              <Curve rounds={found} />
              <div className="timeline stack">
                {[...found].reverse().map((r) => (
                  <One key={r.round} r={r} />
                ))}
              </div>
            </>
          ) : (
            <Card>
              <Empty title="No round yet" action={<Link className="button" to="/setup">Look at the set-up</Link>}>
                Opening the first round draws a random test set and the first batch, and fills the desks. It needs data and at least one annotator.
              </Empty>
            </Card>
          )
        }
      </Loaded>
      <Loaded query={models}>{(found) => <Models models={found} />}</Loaded>
    </Page>
  );
}

function Actions({ rounds }: { rounds: Round[] }) {
  const may = useRights();
  const last = rounds.at(-1);
  const [asking, setAsking] = useState(false);
  const [batch, setBatch] = useState("");
  const open = useChange(
    () => send("post", "/rounds", {}, { batch: batch ? Number(batch) : null }),
    (job) => {
      follow(job);
      setAsking(false);
    },
  );
  const close = useChange(
    (force: boolean) => send("post", "/rounds/close", {}, { force }),
    (job) => {
      follow(job);
      setAsking(false);
    },
  );
  if (!may.manage) return <Csv href="/api/v1/tables/rounds.csv" />;
  const running = last?.state === "open";
  return (
    <>
      <Csv href="/api/v1/tables/rounds.csv" />
      <button type="button" className="button primary" onClick={() => (running && last.waiting === 0 ? close.mutate(false) : setAsking(true))}>
        {running ? `Close round ${last.round}` : "Open a round"}
      </button>
      {open.error || close.error ? <Trouble error={open.error ?? close.error} /> : null}
      <Dialog open={asking} onClose={() => setAsking(false)} title={running ? `${count(last.waiting)} answers are still to come` : "Open a round"}>
        {running ? (
          <>
            <p>Closing now withdraws what nobody has in hand. What was answered counts.</p>
            <button type="button" className="button primary" disabled={close.isPending} onClick={() => close.mutate(true)}>
              Withdraw and close
            </button>
          </>
        ) : (
          <>
            <Field label="Items in this round" hint="Left empty: as the settings say.">
              <input type="number" min="1" value={batch} onChange={(e) => setBatch(e.target.value)} />
            </Field>
            <button type="button" className="button primary" disabled={open.isPending} onClick={() => open.mutate(undefined)}>
              Open
            </button>
          </>
        )}
      </Dialog>
    </>
  );
}

function Curve({ rounds }: { rounds: Round[] }) {
  const measured = rounds.filter((r) => r.accuracy.value !== null);
  if (!measured.length) return null;
  const name = (r: Round): string => `${count(r.labels)} answers`;
  const random = measured.filter((r) => r.by_chance.value !== null);
  const last = random.at(-1);
  return (
    <Card title="Learning curve" actions={<Csv href="/api/v1/tables/rounds.csv" />}>
      <Chart
        label="Accuracy on items that the model never saw, with 95 % intervals"
        series={[
          { name: "this strategy", points: measured.map((r) => ({ name: name(r), value: r.accuracy.value, low: r.accuracy.low, high: r.accuracy.high })) },
          ...(random.length ? [{ name: "at random", muted: true, points: random.map((r) => ({ name: name(r), value: r.by_chance.value, low: r.by_chance.low, high: r.by_chance.high })) }] : []),
        ]}
        format={(v) => percent(v)}
        near
      />
      <p className="small muted">
        {last
          ? `At random: what a model knows that learned from as many items drawn by chance. The strategy less chance in round ${last.round}: ${story(last.gain, (v) => `${v < 0 ? "−" : "+"}${Math.abs(100 * v).toFixed(1)} points`)}.`
          : `No curve at random yet: ${measured.at(-1)?.by_chance.reason ?? "it needs items that were drawn at random since there is a model (sampling.random_share)"}.`}
      </p>
    </Card>
  );
}

const HELD: Record<string, string> = { done: "past", skipped: "skipped", failed: "failed", retrying: "retrying", running: "now", waiting: "now" };

/** Each step with its state as it is kept; a round by hand has steps only while somebody does them. */
function Steps({ r }: { r: Round }) {
  const at = STEPS.findIndex(([id]) => id === r.step);
  const over = r.state === "closed" || r.state === "cancelled";
  const known = new Map(r.steps.map((s) => [s.step, s]));
  return (
    <ol className="steps">
      {STEPS.map(([id, name], k) => {
        const kept = known.get(id);
        const state = kept && over && HELD[kept.state] === "now" ? "" : kept ? HELD[kept.state] : over ? (r.state === "closed" ? "past" : "") : k < at ? "past" : k === at ? "now" : "";
        const told = kept ? `${name}: ${kept.state}, ${moment(kept.changed_at)}${kept.tries > 1 ? `, ${kept.tries} tries` : ""}${kept.reason ? `. ${kept.reason}` : ""}` : name;
        return (
          <li key={id} className={state} title={told} aria-current={state === "now" ? "step" : undefined}>
            <span className="dot" />
            {name}
            {state === "failed" || state === "retrying" || state === "skipped" ? <span className={`badge ${state === "failed" ? "poor" : "fair"}`}>{state}</span> : null}
          </li>
        );
      })}
    </ol>
  );
}

/** No round can do without these. */
const NEEDED = new Set(["select", "next"]);

/** Who turns the rounds, and the lead's hand on them. */
function TheLoop({ rounds }: { rounds: Round[] }) {
  const may = useRights();
  const query = useApi("/loop");
  const [asking, setAsking] = useState(false);
  const steer = useChange((action: Shapes["Steering"]["action"]) => send("post", "/loop", {}, { action }), () => setAsking(false));
  const loop = query.data;
  const open = rounds.at(-1);
  const stuck = open?.steps.find((s) => s.state === "failed" || s.state === "retrying");
  if (!loop) return null;
  const running = open?.state === "open";
  const held = loop.paused || loop.stopped !== null;
  return (
    <Card>
      <div className="row between">
        <div className="stack tight">
          <b>{loop.mode === "auto" ? (held ? "The rounds are held" : "Rounds turn by themselves") : "Rounds are opened and closed by hand"}</b>
          <span className="small muted">
            {loop.mode === "auto" ? (loop.reason ?? loop.stopped ?? `${loop.workers.filter((w) => w["alive"]).length} worker alive`) : "Set loop.mode: auto in labelwright.yaml, and labelwright up turns them."}
            {loop.next_at ? ` The next one opens ${moment(loop.next_at)}.` : ""}
          </span>
          {stuck ? (
            <span className="small">
              <b>Round {stuck.round} stands at {stuck.step}:</b> {stuck.reason}
            </span>
          ) : null}
        </div>
        {may.manage ? (
          <div className="row tight">
            {stuck ? (
              <>
                <button type="button" className="button small primary" onClick={() => steer.mutate("retry")}>
                  Try again
                </button>
                {NEEDED.has(stuck.step) ? null : (
                  <button type="button" className="button small" onClick={() => steer.mutate("skip")}>
                    Leave the step out
                  </button>
                )}
              </>
            ) : null}
            {loop.mode === "auto" ? (
              <button type="button" className="button small" onClick={() => steer.mutate(held ? "resume" : "pause")}>
                {held ? "Go on" : "Pause"}
              </button>
            ) : null}
            {running ? (
              <button type="button" className="button small danger" onClick={() => setAsking(true)}>
                Cancel the round
              </button>
            ) : null}
          </div>
        ) : null}
      </div>
      {steer.error ? <Trouble error={steer.error} /> : null}
      <Dialog open={asking} onClose={() => setAsking(false)} title={`Cancel round ${open?.round ?? ""}?`}>
        <p>What is open is withdrawn. Answers that were given stay and count; nothing is learned from the round.</p>
        <div className="row">
          <button type="button" className="button danger" disabled={steer.isPending} onClick={() => steer.mutate("cancel")}>
            Cancel the round
          </button>
          <button type="button" className="button" onClick={() => setAsking(false)}>
            Keep it
          </button>
        </div>
      </Dialog>
    </Card>
  );
}

function One({ r }: { r: Round }) {
  return (
    <Card
      title={
        <span className="row tight">
          Round {r.round} <State of={r.state} /> {r.strategy ? <span className="badge">{r.strategy}</span> : null}
        </span>
      }
      actions={<span className="small muted">{moment(r.opened_at)}{r.closed_at ? ` to ${moment(r.closed_at)}` : ""}</span>}
    >
      <Steps r={r} />
      <div className="meter" role="img" aria-label={`${r.done} of ${r.asked} answers`}>
        <span style={{ width: `${r.asked ? (100 * r.done) / r.asked : 0}%` }} />
      </div>
      <div className="row between">
        <Link to="/items" search={{ round: r.round }}>
          {count(r.done)} of {count(r.asked)} answers
        </Link>
        {r.accuracy.value === null ? <span className="small muted">{r.note ?? r.accuracy.reason ?? ""}</span> : <span className="row tight">accuracy <Measure of={r.accuracy} format={(v) => percent(v, 1)} /></span>}
      </div>
    </Card>
  );
}

function Models({ models }: { models: Shapes["ModelShape"][] }) {
  const may = useRights();
  const promote = useChange((version: string) => send("post", "/models/{version}/promote", { version }));
  if (!models.length) return <Card title="Models"><Empty title="No model yet">One is trained when a round closes. A model that is worse than the one in use never takes over.</Empty></Card>;
  return (
    <Card title="Models" flush>
      <Table
        rows={models}
        label="Models"
        columns={[
          { id: "version", header: "Version", accessorFn: (m) => m.version, cell: (c) => <b>{c.row.original.version}</b> },
          { id: "state", header: "State", accessorFn: (m) => m.state, cell: (c) => <State of={c.row.original.state} /> },
          { id: "kind", header: "Kind", accessorFn: (m) => m.kind },
          { id: "trained", header: "Trained", accessorFn: (m) => m.trained_at, cell: (c) => moment(c.row.original.trained_at) },
          { id: "reason", header: "Why", accessorFn: (m) => m.reason ?? "", cell: (c) => <span className="small">{c.row.original.reason ?? ""}</span> },
          { id: "card", header: "Card", enableSorting: false, cell: (c) => <ModelCard card={c.row.original.card} /> },
          {
            id: "act",
            header: "",
            enableSorting: false,
            cell: (c) =>
              may.manage && c.row.original.state !== "current" ? (
                <button type="button" className="button small" disabled={promote.isPending} onClick={() => promote.mutate(c.row.original.version)}>
                  Put in use
                </button>
              ) : null,
          },
        ]}
      />
      {promote.error ? <Trouble error={promote.error} /> : null}
    </Card>
  );
}

function ModelCard({ card }: { card: Record<string, unknown> }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button small" onClick={() => setOpen(true)}>
        Card
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Model card">
        <dl className="facts">
          {Object.entries(card).map(([k, v]) => (
            <Fact key={k} name={k} value={typeof v === "string" || typeof v === "number" ? String(v) : JSON.stringify(v)} />
          ))}
        </dl>
      </Dialog>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name.replaceAll("_", " ")}</dt>
      <dd>{value}</dd>
    </>
  );
}
