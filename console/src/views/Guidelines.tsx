import { useEffect, useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { Card, Loaded, Page, Prose, Trouble } from "../kit/basics";
import { figure, moment, story } from "../logic/numbers";
import { diff } from "../logic/text";
import { useRights } from "../rights";

type Guidelines = Shapes["Guidelines"];

export default function GuidelinesPage() {
  const query = useApi("/guidelines");
  return <Loaded query={query}>{(g) => <Editor key={g.version} g={g} />}</Loaded>;
}

function Editor({ g }: { g: Guidelines }) {
  const may = useRights();
  const [text, setText] = useState(g.text);
  const [shown, setShown] = useState({ html: g.html, without_examples: g.without_examples });
  const changed = text !== g.text;
  useEffect(() => {
    if (!may.read) return undefined;
    const wait = setTimeout(() => void send("post", "/guidelines/preview", {}, { text }).then(setShown, () => undefined), 300);
    return () => clearTimeout(wait);
  }, [text, may.read]);
  const save = useChange(() => send("put", "/guidelines", {}, { text, based_on: g.version }));
  return (
    <Page
      title="Guidelines"
      lead={`Version ${g.version}. Annotators read them in the labeling screen; a new version reaches every desk within seconds.`}
      actions={
        may.manage ? (
          <>
            <button type="button" className="button" disabled={!changed} onClick={() => setText(g.text)}>
              Undo
            </button>
            <button type="button" className="button primary" disabled={!changed || save.isPending} onClick={() => save.mutate(undefined)}>
              Save as version {g.version + 1}
            </button>
          </>
        ) : null
      }
    >
      {save.error ? <Trouble error={save.error} /> : null}
      {shown.without_examples.length ? (
        <p className="banner">
          No example yet for: <b>{shown.without_examples.join(", ")}</b>. Classes with examples are confused less.
        </p>
      ) : null}
      <div className="grid">
        {may.manage ? (
          <Card title="Markdown" className="s6 wide-md">
            <textarea className="editor" aria-label="Guidelines in Markdown" value={text} spellCheck onChange={(e) => setText(e.target.value)} />
          </Card>
        ) : null}
        <Card title="As annotators see it" className={may.manage ? "s6 wide-md" : "s12"}>
          <Prose html={shown.html} />
        </Card>
      </div>
      <Versions g={g} />
    </Page>
  );
}

function Versions({ g }: { g: Guidelines }) {
  const newest = [...g.versions].reverse();
  return (
    <Card title="Versions, and what each changed">
      {newest.map((v, k) => {
        const before = newest[k + 1];
        const effect = g.changes.find((c) => c.versions[1] === v.version);
        return (
          <details key={v.version}>
            <summary>
              <b>Version {v.version}</b> <span className="muted small">{moment(v.made_at)}</span>{" "}
              {effect ? (
                <span className="small">
                  agreement {figure(effect.before.value)} → {figure(effect.after.value)} ({story(effect.change)})
                </span>
              ) : null}
            </summary>
            {before ? (
              <div className="diff">
                {diff(before.text, v.text)
                  .filter((l) => l.kind !== "same")
                  .map((l, n) => (
                    <div key={n} className={l.kind}>
                      {l.kind === "add" ? "+ " : "− "}
                      {l.text}
                    </div>
                  ))}
              </div>
            ) : (
              <p className="small muted">The first version. What a later one changes in the agreement is shown here once items were answered under both.</p>
            )}
          </details>
        );
      })}
    </Card>
  );
}
