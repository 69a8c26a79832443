import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { follow } from "../api/live";
import { Card, ClassChip, Dialog, Empty, Field, Loaded, Page, Prose, Trouble } from "../kit/basics";
import { Table } from "../kit/Table";
import { bytes, count, moment, percent } from "../logic/numbers";
import { useRights } from "../rights";

type Dataset = Shapes["DatasetShape"];
type Form = Shapes["Writing"]["formats"][number];
const FORMS: [Form, string][] = [
  ["jsonl", "JSON lines, one file a split"],
  ["csv", "CSV for spreadsheets"],
  ["parquet", "Parquet"],
  ["hf", "Hugging Face datasets"],
  ["label-studio", "Label Studio JSON"],
  ["coco", "COCO, for boxes and polygons"],
  ["yolo", "YOLO, for boxes"],
  ["voc", "Pascal VOC, for boxes"],
  ["conll", "CoNLL, for spans of text"],
];

function download(d: Dataset): string {
  return `/api/v1/datasets/${encodeURIComponent(d.name)}/download`;
}

export default function DatasetsPage() {
  const query = useApi("/datasets");
  const may = useRights();
  const [writing, setWriting] = useState(false);
  const write = may.manage ? (
    <button type="button" className="button primary" onClick={() => setWriting(true)}>
      Write a dataset
    </button>
  ) : null;
  return (
    <Page title="Datasets" lead="Training sets from the consensus. A version is written once and never changed; each has its splits, manifest and card." actions={write}>
      <FailedCheck />
      <Loaded query={query}>
        {(found) =>
          found.length ? (
            <>
              <Card flush title={`${count(found.length)} version${found.length > 1 ? "s" : ""}`}>
                <Table
                  rows={found}
                  label="Datasets"
                  numeric={["rows", "left", "size"]}
                  columns={[
                    { id: "name", header: "Version", accessorFn: (d) => d.name, cell: (c) => <Link to="/datasets/$name" params={{ name: c.row.original.name }}><b>{c.row.original.name}</b></Link> },
                    { id: "made", header: "Written", accessorFn: (d) => d.made_at, cell: (c) => <span className="nowrap">{moment(c.row.original.made_at)}</span> },
                    { id: "rows", header: "Rows", accessorFn: (d) => d.rows ?? undefined, sortUndefined: "last", cell: (c) => <span title={splits(c.row.original)}>{count(c.row.original.rows)}</span> },
                    { id: "left", header: "Left out", accessorFn: (d) => left(d), cell: (c) => <span title={Object.entries(c.row.original.left_out).map(([k, n]) => `${n} ${k}`).join(", ")}>{count(left(c.row.original))}</span> },
                    { id: "formats", header: "Formats", accessorFn: (d) => d.formats.join(", ") },
                    { id: "certified", header: "Certified", accessorFn: (d) => d.certification ?? "not audited" },
                    { id: "size", header: "Size", accessorFn: (d) => d.size, cell: (c) => bytes(c.row.original.size) },
                    { id: "get", header: "", enableSorting: false, cell: (c) => <a className="button small" href={download(c.row.original)} download aria-label={`Download ${c.row.original.name}`}>↓ Download</a> },
                  ]}
                />
              </Card>
              {found.filter(comparable).length > 1 ? <Diff found={found.filter(comparable)} /> : null}
            </>
          ) : (
            <Card>
              <Empty title="No dataset yet" action={write}>
                A dataset is written from the consensus whenever you want one; what is contested is left out and counted.
              </Empty>
            </Card>
          )
        }
      </Loaded>
      <Write open={writing} close={() => setWriting(false)} />
    </Page>
  );
}

/** Rows are compared by their lineage; a version that holds only Label Studio's JSON has none. */
function comparable(d: Dataset): boolean {
  return d.files.includes("lineage.jsonl");
}

function splits(d: Dataset): string {
  return Object.entries(d.rows_by_split).map(([k, n]) => `${k} ${n}`).join(", ");
}

function left(d: Dataset): number {
  return Object.values(d.left_out).reduce((a, b) => a + b, 0);
}

/** Nothing was written: a check stood in the way. It is shown until the next attempt. */
function FailedCheck() {
  const query = useApi("/datasets/check");
  if (!query.data?.failed) return null;
  return (
    <div className="problem" role="alert">
      <b>The last attempt wrote nothing: {query.data.failed}</b>
      <span>{query.data.next_step ?? ""}</span>
    </div>
  );
}

function Write({ open, close }: { open: boolean; close: () => void }) {
  const [forms, setForms] = useState<Form[]>(["jsonl"]);
  const [only, setOnly] = useState(false);
  const [least, setLeast] = useState("");
  const [soft, setSoft] = useState(false);
  const [stratify, setStratify] = useState(false);
  const write = useChange(
    () => send("post", "/datasets", {}, { formats: forms, min_posterior: least ? Number(least) / 100 : null, only_adjudicated: only, soft_labels: soft, stratify }),
    (job) => {
      follow(job);
      close();
    },
  );
  const option = (name: string, on: boolean, set: (v: boolean) => void) => (
    <label className="row tight">
      <input type="checkbox" checked={on} onChange={() => set(!on)} />
      {name}
    </label>
  );
  return (
    <Dialog open={open} onClose={close} title="Write a dataset">
      <div className="stack tight">
        {FORMS.map(([form, what]) => (
          <label key={form} className="row tight">
            <input type="checkbox" checked={forms.includes(form)} onChange={() => setForms(forms.includes(form) ? forms.filter((f) => f !== form) : [...forms, form])} />
            <span>
              <b>{form}</b> <span className="muted">{what}</span>
            </span>
          </label>
        ))}
      </div>
      <details>
        <summary className="small">Which labels</summary>
        <div className="stack tight">
          {option("only what an expert decided", only, setOnly)}
          {option("shares of the answers by class (soft labels)", soft, setSoft)}
          {option("divide each class by itself (stratify)", stratify, setStratify)}
          <Field label="Labels at least so probable, in percent">
            <input type="number" min="0" max="100" value={least} onChange={(e) => setLeast(e.target.value)} />
          </Field>
        </div>
      </details>
      {write.error ? <Trouble error={write.error} /> : null}
      <button type="button" className="button primary" disabled={!forms.length || write.isPending} onClick={() => write.mutate(undefined)}>
        Write
      </button>
    </Dialog>
  );
}

/** Two versions: rows that came, went, changed their label or their split, and what differs in how they were made. */
function Diff({ found }: { found: Dataset[] }) {
  const [one, setOne] = useState(found[1]?.name ?? "");
  const [two, setTwo] = useState(found[0]?.name ?? "");
  const query = useApi("/datasets/diff", {}, { before: one, after: two }, one !== two);
  const pick = (value: string, set: (v: string) => void, label: string) => (
    <select aria-label={label} value={value} onChange={(e) => set(e.target.value)}>
      {found.map((d) => (
        <option key={d.name}>{d.name}</option>
      ))}
    </select>
  );
  return (
    <Card title="What changed between two versions" actions={<>{pick(one, setOne, "The earlier version")} → {pick(two, setTwo, "The later version")}</>}>
      {one === two ? (
        <p className="muted">Choose two different versions.</p>
      ) : (
        <Loaded query={query}>
          {(d) => (
            <>
              <dl className="tiles">
                {(["same", "added", "removed", "relabeled", "moved"] as const).map((k) => (
                  <div key={k}>
                    <dt>{k === "moved" ? "moved to another split" : k}</dt>
                    <dd>{count(d[k])}</dd>
                  </div>
                ))}
              </dl>
              {d.relabeled ? (
                <Table
                  rows={(d.named["relabeled"] ?? []) as { id: string; before: unknown; after: unknown }[]}
                  label="Labels that changed"
                  columns={[
                    { id: "id", header: "Item", accessorFn: (r) => r.id, cell: (c) => <Link to="/items/$item" params={{ item: c.row.original.id }}>{c.row.original.id}</Link> },
                    { id: "before", header: d.before, accessorFn: (r) => String(r.before), cell: (c) => <ClassChip name={String(c.row.original.before)} /> },
                    { id: "after", header: d.after, accessorFn: (r) => String(r.after), cell: (c) => <ClassChip name={String(c.row.original.after)} /> },
                  ]}
                />
              ) : null}
              {Object.keys(d.facts).length ? <p className="small muted">Also different: {Object.keys(d.facts).join(", ")}.</p> : null}
            </>
          )}
        </Loaded>
      )}
    </Card>
  );
}

export function DatasetPage() {
  const { name } = useParams({ strict: false }) as { name: string };
  const query = useApi("/datasets/{name}", { name });
  return (
    <Loaded query={query}>
      {(d) => (
        <Page title={`Dataset ${d.name}`} lead={`${count(d.rows)} rows (${splits(d)}), ${bytes(d.size)}, written ${moment(d.made_at)}`} actions={<a className="button primary" href={download(d)} download>↓ Download</a>}>
          {d.problems.length ? (
            <div className="problem" role="alert">
              <b>Not as it was written: {d.problems.slice(0, 8).join("; ")}</b>
              <span>Take it from a backup, or write another version.</span>
            </div>
          ) : null}
          <div className="grid">
            <Card title="Dataset card" className="s8 wide-md">
              <Prose html={d.card_html} />
            </Card>
            <div className="s4 wide-md stack">
              <Card title="Labels">
                <Shares of={d.label_distribution} />
                {Object.entries(d.left_out).map(([k, n]) => (
                  <p key={k} className="small muted">
                    Left out: {count(n)} {k}
                  </p>
                ))}
              </Card>
              <Card title="Files">
                <p className="small">{d.problems.length ? "✗ Changed since" : "✓ As they were written (SHA-256)"}</p>
                <ul className="stack tight small plain">
                  {d.files.slice(0, 60).map((f) => (
                    <li key={f} className="break">
                      {f}
                    </li>
                  ))}
                  {d.files.length > 60 ? <li className="muted">and {count(d.files.length - 60)} more</li> : null}
                </ul>
              </Card>
            </div>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Shares({ of }: { of: Record<string, number> }) {
  const all = Object.values(of).reduce((a, b) => a + b, 0);
  return (
    <div className="stack tight">
      {Object.entries(of).slice(0, 20).map(([name, n]) => (
        <div key={name} className="row between tight small">
          <ClassChip name={name} />
          <span>
            {count(n)} <span className="muted">{percent(n / Math.max(1, all))}</span>
          </span>
        </div>
      ))}
    </div>
  );
}
