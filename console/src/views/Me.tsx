import { useParams } from "@tanstack/react-router";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { Card, ClassChip, Empty, Loaded, Measure, Page, Prose, Trouble } from "../kit/basics";
import { Chart } from "../kit/Chart";
import { count, moment, money, percent, seconds } from "../logic/numbers";

type MyPage = Shapes["MyPage"];
type Act = (what: "read" | "try") => Promise<unknown>;

/** For whoever is signed in as an annotator. */
export default function MePage() {
  const query = useApi("/me");
  return <Loaded query={query}>{(mine) => <Whole mine={mine} act={(what) => send("post", what === "read" ? "/me/read" : "/me/try")} />}</Loaded>;
}

/** For whoever holds the personal link: no account, no navigation, nothing of anybody else. */
export function OwnPage() {
  const names = useParams({ strict: false }) as { annotator: string; signature: string };
  const query = useApi("/own/{annotator}/{signature}", names);
  return (
    <main className="main own" id="main">
      <div className="brand">
        <img src="/favicon.svg" alt="" /> {query.data?.project ?? "Labelwright"}
      </div>
      <Loaded query={query}>
        {(mine) => <Whole mine={mine} act={(what) => send("post", what === "read" ? "/own/{annotator}/{signature}/read" : "/own/{annotator}/{signature}/try", names)} />}
      </Loaded>
    </main>
  );
}

function Whole({ mine, act }: { mine: MyPage; act: Act }) {
  const lead = mine.status === "paused" ? `Your desk is paused for now. ${mine.reason ?? ""}` : "Your desk, what you did, and how you are doing.";
  return (
    <Page title={`Hello, ${mine.name}`} lead={lead}>
      {mine.simulated ? <p className="banner">{mine.simulated}</p> : null}
      <Mine mine={mine} act={act} />
    </Page>
  );
}

/** What an annotator sees; without `act` as the lead previews it. */
export function Mine({ mine, act }: { mine: MyPage; act?: Act }) {
  const you = act ? "You" : "They";
  return (
    <div className="stack loose">
      {act ? <Beginning mine={mine} act={act} /> : null}
      {act ? <Desk mine={mine} /> : null}
      <div className="grid">
        <Done mine={mine} />
        <Quality mine={mine} you={you} />
      </div>
      {mine.messages.length ? (
        <Card title="Messages">
          <ul className="stack tight">
            {mine.messages.map((m) => (
              <li key={m.at + m.text} className="row between">
                <span className="grow break">{m.text}</span>
                <span className="small muted nowrap">{moment(m.at)}</span>
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
      <Confusions mine={mine} you={you} />
      {act ? (
        <Card title="The guidelines">
          <Prose html={mine.guidelines_html} />
        </Card>
      ) : null}
    </div>
  );
}

function Beginning({ mine, act }: { mine: MyPage; act: Act }) {
  const step = useChange(act);
  const o = mine.onboarding;
  const needsReading = mine.reread || o?.step === "read";
  if (!needsReading && (!o || o.step === "done")) return null;
  return (
    <Card>
      {needsReading ? (
        <>
          <div className="headline">{mine.reread ? "The guidelines have changed" : "First, read the guidelines"}</div>
          <p>They stand at the end of this page. {o && !mine.reread ? `After that, ${o.items} items show whether they are clear to you; ${o.needed} right ones are enough.` : ""}</p>
          <button type="button" className="button primary" disabled={step.isPending} onClick={() => step.mutate("read")}>
            I have read them
          </button>
        </>
      ) : o ? (
        <>
          <div className="headline">{o.step === "qualify" ? `Qualification: ${o.answered.length} of ${o.items} answered` : o.step === "again" ? "Not yet: try again" : "The tries are used up"}</div>
          <p className="muted">
            {o.right} right so far, {o.needed} are needed. Try {o.attempt} of {o.attempts}.
          </p>
          {o.step === "again" ? (
            <button type="button" className="button primary" disabled={step.isPending} onClick={() => step.mutate("try")}>
              Try again
            </button>
          ) : null}
          {o.step === "failed" ? <p>The lead decides how it goes on. What you read below shows what was meant.</p> : null}
          {o.answered.map((e, k) => (
            <article key={k} className="answer">
              <div className="break">{e.text}</div>
              <div className="row tight small">
                {e.right ? "✓ Right:" : "You said"} {e.hers ? <ClassChip name={e.hers} /> : <span className="muted">skipped</span>} {e.right ? null : <>it is <ClassChip name={e.label} /></>}
              </div>
              {e.why ? <p className="small muted">{e.why}</p> : null}
            </article>
          ))}
        </>
      ) : null}
      {step.error ? <Trouble error={step.error} /> : null}
    </Card>
  );
}

function Desk({ mine }: { mine: MyPage }) {
  const open = mine.on_desk + mine.waiting;
  if (!mine.desk || mine.status === "paused" || mine.status === "left") return null;
  return (
    <Card>
      <div className="row between">
        <div>
          <div className="headline">{open ? `${open === 1 ? "One item waits" : `${count(open)} items wait`} for you` : "Nothing waits for you right now"}</div>
          <p className="muted">{open ? "They open in Label Studio, one after the other." : "New items come by themselves."}</p>
        </div>
        <a className="button primary" href={mine.desk}>
          Open my desk
        </a>
      </div>
    </Card>
  );
}

function Done({ mine }: { mine: MyPage }) {
  return (
    <Card title="Done so far" className="s6 wide-md">
      <dl className="facts">
        <dt>Answers given</dt>
        <dd>{count(mine.done)}</dd>
        <dt>Skipped</dt>
        <dd>{count(mine.skipped)}</dd>
        {mine.earned === null ? null : (
          <>
            <dt>Earned</dt>
            <dd>
              <b>{money(mine.earned, mine.currency)}</b>
              {mine.rate ? <span className="small muted"> at {mine.rate}</span> : null}
            </dd>
          </>
        )}
        {mine.hours === null ? null : (
          <>
            <dt>Active time</dt>
            <dd>{seconds(mine.hours * 3600)}</dd>
          </>
        )}
        <dt>Usual time per item</dt>
        <dd>
          {seconds(mine.seconds)}
          {mine.team_seconds === null ? null : <span className="small muted"> (team: {seconds(mine.team_seconds)})</span>}
        </dd>
      </dl>
    </Card>
  );
}

function Quality({ mine, you }: { mine: MyPage; you: string }) {
  const points = mine.trend.map((b) => ({ name: moment(b.until), value: b.accuracy.value, low: b.accuracy.low, high: b.accuracy.high }));
  return (
    <Card title={you === "You" ? "How you are doing" : "How they are doing"} className="s6 wide-md">
      {mine.praise.map((line) => (
        <p key={line} className="praise">
          ✓ {line}
        </p>
      ))}
      <dl className="facts">
        <dt>Right on settled items</dt>
        <dd>
          <Share of={mine.settled} />
        </dd>
        <dt>Right where the label is known</dt>
        <dd>
          <Share of={mine.gold} />
        </dd>
        <dt>The same as an expert</dt>
        <dd>
          <Share of={mine.beside_expert} />
        </dd>
        <dt>The same when asked again</dt>
        <dd>
          <Share of={mine.consistent} />
        </dd>
        {mine.team === null ? null : (
          <>
            <dt>Middle of the team</dt>
            <dd>{percent(mine.team)}</dd>
          </>
        )}
      </dl>
      {points.length > 1 ? <Chart label="Right on settled items, stretch by stretch" series={[{ name: "right", points }]} format={(v) => percent(v)} from={0} to={1} low /> : null}
    </Card>
  );
}

function Share({ of }: { of: Shapes["Measure"] }) {
  return of.value === null ? <span className="small muted">{of.reason ?? "–"}</span> : <Measure of={of} format={(v) => percent(v)} />;
}

function Confusions({ mine, you }: { mine: MyPage; you: string }) {
  const your = you === "You" ? "you" : "they";
  return (
    <section className="stack">
      <h2>Settled items that {your} saw differently</h2>
      {mine.confusions.length ? (
        mine.confusions.map((c) => (
          <Card key={c.label + c.hers}>
            <div className="row between tight">
              <span className="row tight">
                {you} said <ClassChip name={c.hers} /> where it is <ClassChip name={c.label} />
              </span>
              <span className="small muted">
                {count(c.times)} of {count(c.of)} items that are {c.label}
              </span>
            </div>
            {c.examples.map((e) => (
              <article key={e.item} className="answer">
                <div className="break">{e.text}</div>
                {e.why ? <p className="small muted">{e.why}</p> : null}
              </article>
            ))}
            {c.guideline_html ? (
              <details open={you === "You"}>
                <summary className="small">What the guidelines say of {c.label}</summary>
                <Prose html={c.guideline_html} />
              </details>
            ) : null}
          </Card>
        ))
      ) : (
        <Empty title="None so far">Only items that are settled are shown, so that nobody is led by the others.</Empty>
      )}
    </section>
  );
}
