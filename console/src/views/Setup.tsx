import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { follow, useJobs } from "../api/live";
import { Card, ClassChip, ClassesContext, Field, Loaded, Page, Trouble } from "../kit/basics";
import { bytes, count } from "../logic/numbers";

type DataFile = Shapes["DataFile"];
type Screen = Shapes["Screen"];
const STEPS = ["Your data", "The question", "Columns", "Preview", "First batch"];

export default function SetupPage() {
  const query = useApi("/setup");
  return (
    <Loaded query={query}>
      {(state) => (
        <Page title="Set-up" lead="From a file to the first batch in five steps.">
          {state.locked ? (
            <Card>
              <p>
                <b>{state.name}</b> has {count(state.items)} items and {state.rounds === 1 ? "one round" : `${count(state.rounds)} rounds`}. {state.locked}. Other data are another project: run <code>labelwright up</code> in a new folder.
              </p>
              <p className="row">
                <Link className="button" to="/rounds">
                  Rounds
                </Link>
                <Link className="button" to="/guidelines">
                  Guidelines
                </Link>
                <Link className="button" to="/people">
                  People
                </Link>
              </p>
            </Card>
          ) : (
            <Wizard state={state} />
          )}
        </Page>
      )}
    </Loaded>
  );
}

function Wizard({ state }: { state: Shapes["SetupState"] }) {
  const [step, setStep] = useState(0);
  const [file, setFile] = useState<DataFile | null>(null);
  const [template, setTemplate] = useState("text-classification");
  const [labels, setLabels] = useState("");
  const [columns, setColumns] = useState<Record<string, string>>({});
  const [id, setId] = useState("");
  const [metadata, setMetadata] = useState<string[]>([]);
  const [name, setName] = useState(state.name);
  const [screen, setScreen] = useState<Screen | null>(null);
  const [applied, setApplied] = useState<string | null>(state.items ? "before" : null);
  const names = labels.split(/[,\n]/).map((l) => l.trim()).filter(Boolean);
  const look = useChange(
    () => send("post", "/setup/preview", {}, { template, labels: names.length ? names : null, file: file?.file ?? null }),
    (found) => {
      setScreen(found);
      setColumns({ ...found.columns });
      setStep(2);
    },
  );
  const apply = useChange(
    () => send("post", "/setup/apply", {}, { name, file: file?.file ?? "", template, labels: names.length ? names : null, columns, id: id || null, metadata, overlap: 0.2, batch: 100 }),
    (job) => {
      follow(job);
      setApplied(job.id);
      setStep(4);
    },
  );
  const reach = [true, file !== null, screen !== null, screen !== null && screen.fields.every((f) => columns[f]), applied !== null];
  return (
    <div className="wizard">
      <ol>
        {STEPS.map((s, k) => (
          <li key={s}>
            <button type="button" disabled={!reach[k]} aria-current={k === step ? "step" : undefined} onClick={() => setStep(k)}>
              <span className="no">{k < step ? "✓" : k + 1}</span>
              {s}
            </button>
          </li>
        ))}
      </ol>
      <Card>
        {step === 0 ? <Upload have={state.files} done={(f) => { setFile(f); setStep(1); }} /> : null}
        {step === 1 ? (
          <Question template={template} setTemplate={setTemplate} labels={labels} setLabels={setLabels}>
            <button type="button" className="button primary" disabled={look.isPending} onClick={() => look.mutate(undefined)}>
              Next: columns
            </button>
            {look.error ? <Trouble error={look.error} /> : null}
          </Question>
        ) : null}
        {step === 2 && screen && file ? (
          <Columns screen={screen} file={file} columns={columns} setColumns={setColumns} id={id} setId={setId} metadata={metadata} setMetadata={setMetadata}>
            <button type="button" className="button primary" disabled={!reach[3]} onClick={() => setStep(3)}>
              Next: preview
            </button>
          </Columns>
        ) : null}
        {step === 3 && screen && file ? (
          <>
            <Preview screen={screen} file={file} columns={columns} />
            <Field label="Name of the project">
              <input value={name} onChange={(e) => setName(e.target.value)} />
            </Field>
            {apply.error ? <Trouble error={apply.error} /> : null}
            <button type="button" className="button primary" disabled={apply.isPending || !name.trim()} onClick={() => apply.mutate(undefined)}>
              Bring in the data
            </button>
          </>
        ) : null}
        {step === 4 ? <First job={applied} state={state} /> : null}
      </Card>
    </div>
  );
}

function Upload({ have, done }: { have: string[]; done: (f: DataFile) => void }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const upload = useChange((file: File) => {
    const form = new FormData();
    form.append("file", file);
    return send("post", "/setup/files", {}, form);
  }, done);
  const again = useChange((name: string) => fetch(`/api/v1/setup/files/${encodeURIComponent(name)}`).then((r) => r.json() as Promise<DataFile>), done);
  return (
    <>
      <h2>Bring your data</h2>
      <div
        className={`drop ${over ? "over" : ""}`}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          const file = e.dataTransfer.files[0];
          if (file) upload.mutate(file);
        }}
      >
        <b>{upload.isPending ? "Uploading …" : "Drop a file here"}</b>
        <span className="muted">CSV, TSV, JSON, JSONL or Parquet, one row an item. Pictures and recordings come as links.</span>
        <button type="button" className="button primary" disabled={upload.isPending} onClick={() => input.current?.click()}>
          Choose a file
        </button>
        <input ref={input} type="file" hidden aria-label="Data file" accept=".csv,.tsv,.json,.jsonl,.ndjson,.parquet" onChange={(e) => e.target.files?.[0] && upload.mutate(e.target.files[0])} />
      </div>
      {upload.error ? <Trouble error={upload.error} /> : null}
      {have.length ? (
        <div className="row tight">
          <span className="muted">Or one from before:</span>
          {have.map((name) => (
            <button type="button" key={name} className="button small" onClick={() => again.mutate(name)}>
              {name}
            </button>
          ))}
        </div>
      ) : null}
    </>
  );
}

function Question({ template, setTemplate, labels, setLabels, children }: { template: string; setTemplate: (t: string) => void; labels: string; setLabels: (l: string) => void; children: ReactNode }) {
  const query = useApi("/setup/templates");
  return (
    <Loaded query={query}>
      {(found) => {
        const chosen = found.find((t) => t.name === template);
        return (
          <>
            <h2>What shall annotators say?</h2>
            <div className="templates">
              {found.map((t) => (
                <button type="button" key={t.name} className="template" aria-pressed={t.name === template} onClick={() => setTemplate(t.name)}>
                  <b>{t.title}</b>
                  <span className="small muted">{t.modality}</span>
                </button>
              ))}
            </div>
            {chosen?.labels.length ? (
              <Field label="Classes" hint={`Separated by commas. Left empty: ${chosen.labels.join(", ")}`}>
                <textarea rows={2} value={labels} placeholder={chosen.labels.join(", ")} onChange={(e) => setLabels(e.target.value)} />
              </Field>
            ) : null}
            <div className="row">{children}</div>
          </>
        );
      }}
    </Loaded>
  );
}

function Columns(p: { screen: Screen; file: DataFile; columns: Record<string, string>; setColumns: (c: Record<string, string>) => void; id: string; setId: (i: string) => void; metadata: string[]; setMetadata: (m: string[]) => void; children: ReactNode }) {
  const used = new Set(Object.values(p.columns));
  return (
    <>
      <h2>Which column is what?</h2>
      <p className="muted">
        {p.file.file}, {bytes(p.file.size)}
      </p>
      {p.screen.fields.map((f) => (
        <Field key={f} label={`The screen shows “${f}”`}>
          <select value={p.columns[f] ?? ""} onChange={(e) => p.setColumns({ ...p.columns, [f]: e.target.value })}>
            <option value="">choose a column</option>
            {p.file.columns.map((c) => (
              <option key={c}>{c}</option>
            ))}
          </select>
        </Field>
      ))}
      <Field label="Unique id" hint="Without one, an item is known by its content.">
        <select value={p.id} onChange={(e) => p.setId(e.target.value)}>
          <option value="">none</option>
          {p.file.columns.map((c) => (
            <option key={c}>{c}</option>
          ))}
        </select>
      </Field>
      <fieldset className="field" style={{ border: 0, padding: 0, margin: 0 }}>
        <span>Columns that travel along (agreement can be seen by their values)</span>
        <div className="row tight">
          {p.file.columns
            .filter((c) => !used.has(c) && c !== p.id)
            .map((c) => (
              <label key={c} className="row tight">
                <input type="checkbox" checked={p.metadata.includes(c)} onChange={() => p.setMetadata(p.metadata.includes(c) ? p.metadata.filter((m) => m !== c) : [...p.metadata, c])} />
                {c}
              </label>
            ))}
        </div>
      </fieldset>
      <div className="scroll" tabIndex={0} role="region" aria-label="First rows">
        <table className="data">
          <thead>
            <tr>
              {p.file.columns.map((c) => (
                <th key={c}>{c}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {p.file.rows.slice(0, 4).map((row, k) => (
              <tr key={k}>
                {p.file.columns.map((c) => (
                  <td key={c}>
                    <span className="clamp">{String(row[c] ?? "")}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="row">{p.children}</div>
    </>
  );
}

/** The screen as annotators will see it, with the first row of the data. Label Studio draws the real one. */
function Preview({ screen, file, columns }: { screen: Screen; file: DataFile; columns: Record<string, string> }) {
  const [at, setAt] = useState(0);
  const row = file.rows[at] ?? {};
  const classes = screen.controls.flatMap((c) => c.classes);
  return (
    <ClassesContext.Provider value={classes}>
      <div className="row between">
        <h2>As annotators will see it</h2>
        {file.rows.length > 1 ? (
          <button type="button" className="button small" onClick={() => setAt((at + 1) % file.rows.length)}>
            Next row
          </button>
        ) : null}
      </div>
      {screen.problems.map((p) => (
        <p key={p} className="banner">
          {p}
        </p>
      ))}
      <div className="answer">
        {screen.objects
          .filter((o) => o["field"])
          .map((o) => (
            <div key={String(o["name"])} className="stack tight">
              <span className="small muted">{o["tag"]}</span>
              <div className="content">{String(row[columns[String(o["field"])] ?? ""] ?? "")}</div>
            </div>
          ))}
        {screen.controls.map((c) => (
          <div key={c.name} className="stack tight">
            <span className="small muted">
              {c.name} ({c.tag})
            </span>
            <div className="row tight">{c.classes.length ? c.classes.map((k) => <ClassChip key={k} name={k} />) : <span className="muted">free answer</span>}</div>
          </div>
        ))}
      </div>
      <details>
        <summary>Guidelines to start from</summary>
        <pre className="pre small">{screen.guidelines}</pre>
      </details>
    </ClassesContext.Provider>
  );
}

function First({ job, state }: { job: string | null; state: Shapes["SetupState"] }) {
  const jobs = useJobs();
  const mine = jobs.find((j) => j.id === job);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [added, setAdded] = useState<(Shapes["AddedPerson"] & { name: string })[]>([]);
  const add = useChange(
    () => send("post", "/people", {}, { name, email, level: "regular" }),
    (made) => setAdded((old) => [...old.filter((a) => a.id !== made.id), { ...made, name, password: made.password ?? old.find((a) => a.id === made.id)?.password ?? null }]),
  );
  const open = useChange(() => send("post", "/rounds", {}, { batch: null }), follow);
  useEffect(() => {
    if (add.isSuccess) {
      setName("");
      setEmail("");
    }
  }, [add.isSuccess]);
  if (mine?.state === "running") return <p aria-busy="true">Bringing in the data: {mine.step} …</p>;
  if (mine?.state === "failed" || mine?.state === "cancelled")
    return (
      <div className="problem" role="alert">
        <b>{mine.message ?? "It was not brought in"}</b>
        <span>{mine.next_step ?? "Go back a step and try again."}</span>
      </div>
    );
  const found = (mine?.result ?? {}) as { items?: number; duplicates?: number; rejected?: number };
  const items = found.items ?? state.items;
  return (
    <div className="stack">
      <h2>{count(items)} items are in the pool</h2>
      {found.duplicates || found.rejected ? (
        <p className="muted">
          {count(found.duplicates)} duplicates and {count(found.rejected)} rows that cannot be used were left out; each stands in the rejects file with its reason.
        </p>
      ) : null}
      <h3>1. Who labels? ({Math.max(state.annotators, added.length)} so far; with two or more it can be measured whether they agree)</h3>
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault();
          add.mutate(undefined);
        }}
      >
        <input aria-label="Name" required placeholder="Name" className="grow" value={name} onChange={(e) => setName(e.target.value)} />
        <input aria-label="E-mail" required type="email" placeholder="E-mail" className="grow" value={email} onChange={(e) => setEmail(e.target.value)} />
        <button className="button" disabled={add.isPending}>
          {add.isPending ? "Adding …" : "Add"}
        </button>
      </form>
      {added.map((a) => (
        <div key={a.id} className="banner">
          <b>✓ {a.name} has a desk.</b> Send them this; the password is shown only now.
          <br />
          <a href={a.desk} className="break">
            {a.desk}
          </a>
          , e-mail <code>{a.email}</code>, password <code>{a.password ?? "as before"}</code>
        </div>
      ))}
      {add.error ? <Trouble error={add.error} /> : null}
      <h3>2. Fill the desks</h3>
      <div className="row">
        <button type="button" className="button primary" disabled={open.isPending || open.isSuccess || !(state.annotators || added.length)} onClick={() => open.mutate(undefined)}>
          Open the first round
        </button>
        <Link className="button" to="/guidelines">
          Look at the guidelines first
        </Link>
      </div>
      {open.error ? <Trouble error={open.error} /> : null}
      {open.data ? (
        <p>
          It is being opened. <Link to="/rounds">Follow it under Rounds →</Link>
        </p>
      ) : null}
    </div>
  );
}
