import { type Shapes, useApi } from "../api/client";
import { Card, ClassChip, Empty, Loaded, Measure, Page, Prose } from "../kit/basics";
import { count, moment, money, percent, seconds } from "../logic/numbers";

type MyPage = Shapes["MyPage"];

export default function MePage() {
  const query = useApi("/me");
  return (
    <Loaded query={query}>
      {(mine) => (
        <Page title={`Hello, ${mine.name}`} lead={mine.status === "paused" ? "Your desk is paused for now. The lead will write to you." : "Your desk, what you did, and how you are doing."}>
          <Mine mine={mine} />
        </Page>
      )}
    </Loaded>
  );
}

export function Mine({ mine, preview = false }: { mine: MyPage; preview?: boolean }) {
  const open = mine.on_desk + mine.waiting;
  return (
    <div className="stack loose">
      {!preview && mine.desk && mine.status === "active" ? (
        <Card>
          <div className="row between">
            <div>
              <div className="headline">{open ? `${count(open)} items wait for you` : "Nothing waits for you right now"}</div>
              <p className="muted">{open ? "They open in Label Studio, one after the other." : "New items come by themselves."}</p>
            </div>
            <a className="button primary" href={mine.desk}>
              Open my desk
            </a>
          </div>
        </Card>
      ) : null}
      <dl className="facts">
        <dt>Answers given</dt>
        <dd>{count(mine.done)}</dd>
        <dt>Earned</dt>
        <dd>{money(mine.earned, mine.currency)}</dd>
        <dt>Median time per item</dt>
        <dd>
          <Measure of={mine.seconds} format={(v) => seconds(v)} bare />
        </dd>
        <dt>Same as the others</dt>
        <dd>
          <Measure of={mine.agreement} format={(v) => percent(v)} />
        </dd>
      </dl>
      {mine.messages.map((m) => (
        <div key={m.at + m.text} className="banner">
          {m.text} <span className="small">({moment(m.at)})</span>
        </div>
      ))}
      <section className="stack">
        <h2>Settled items that {preview ? "they" : "you"} saw differently</h2>
        {mine.examples.length ? (
          mine.examples.map((e) => (
            <article key={e.item} className="answer">
              <div className="break">{e.text}</div>
              <div className="row tight small">
                {preview ? "They" : "You"} said <ClassChip name={e.mine} /> it was settled as <ClassChip name={e.label} />
              </div>
              {e.reason ? <p className="small muted">{e.reason}</p> : null}
            </article>
          ))
        ) : (
          <Empty title="None so far">Only items that are settled are shown, so that nobody is led by the others.</Empty>
        )}
      </section>
      {preview ? null : (
        <Card title="The guidelines">
          <Prose html={mine.guidelines_html} />
        </Card>
      )}
    </div>
  );
}
