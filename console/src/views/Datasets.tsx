import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { follow } from "../api/live";
import { Card, Dialog, Empty, Loaded, Page, Prose, Trouble } from "../kit/basics";
import { Table } from "../kit/Table";
import { bytes, count, moment } from "../logic/numbers";
import { useRights } from "../rights";

type Dataset = Shapes["DatasetShape"];
const FORMS: [Shapes["Writing"]["formats"][number], string][] = [
  ["jsonl", "JSON lines, one file a split"],
  ["csv", "CSV for spreadsheets"],
  ["parquet", "Parquet"],
  ["hf", "Hugging Face datasets"],
  ["label-studio", "Label Studio JSON"],
];

export function rowsOf(d: Dataset): number | null {
  return d.rows;
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
    <Page title="Datasets" lead="Training sets from the consensus, each with its splits, manifest and card." actions={write}>
      <Loaded query={query}>
        {(found) =>
          found.length ? (
            <>
              <Card flush>
                <Table
                  rows={found}
                  label="Datasets"
                  numeric={["rows", "size"]}
                  columns={[
                    { id: "name", header: "Name", accessorFn: (d) => d.name, cell: (c) => <Link to="/datasets/$name" params={{ name: c.row.original.name }}><b>{c.row.original.name}</b></Link> },
                    { id: "made", header: "Written", accessorFn: (d) => d.made_at, cell: (c) => moment(c.row.original.made_at) },
                    { id: "rows", header: "Rows", accessorFn: (d) => rowsOf(d) ?? -1, cell: (c) => count(rowsOf(c.row.original)) },
                    { id: "size", header: "Size", accessorFn: (d) => d.size, cell: (c) => bytes(c.row.original.size) },
                    { id: "get", header: "", enableSorting: false, cell: (c) => <a className="button small" href={`/api/v1/datasets/${encodeURIComponent(c.row.original.name)}/download`} download aria-label={`Download ${c.row.original.name}`}>↓ Download</a> },
                  ]}
                />
              </Card>
              {found.length > 1 ? <Diff found={found} /> : null}
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

function Write({ open, close }: { open: boolean; close: () => void }) {
  const [forms, setForms] = useState<Shapes["Writing"]["formats"]>(["jsonl"]);
  const write = useChange(
    () => send("post", "/datasets", {}, { formats: forms }),
    (job) => {
      follow(job);
      close();
    },
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
      {write.error ? <Trouble error={write.error} /> : null}
      <button type="button" className="button primary" disabled={!forms.length || write.isPending} onClick={() => write.mutate(undefined)}>
        Write
      </button>
    </Dialog>
  );
}

/** Two manifests side by side: only what differs. */
function Diff({ found }: { found: Dataset[] }) {
  const [one, setOne] = useState(found[1]?.name ?? "");
  const [two, setTwo] = useState(found[0]?.name ?? "");
  const flat = (d: Dataset | undefined): Map<string, string> => {
    const out = new Map<string, string>();
    const walk = (value: unknown, path: string): void => {
      if (value !== null && typeof value === "object" && !Array.isArray(value)) Object.entries(value).forEach(([k, v]) => walk(v, path ? `${path}.${k}` : k));
      else out.set(path, JSON.stringify(value) ?? "");
    };
    walk(d?.manifest ?? {}, "");
    return out;
  };
  const a = flat(found.find((d) => d.name === one));
  const b = flat(found.find((d) => d.name === two));
  const keys = [...new Set([...a.keys(), ...b.keys()])].filter((k) => a.get(k) !== b.get(k) && !k.startsWith("files")).slice(0, 60);
  const pick = (value: string, set: (v: string) => void, label: string) => (
    <select aria-label={label} value={value} onChange={(e) => set(e.target.value)}>
      {found.map((d) => (
        <option key={d.name}>{d.name}</option>
      ))}
    </select>
  );
  return (
    <Card title="Compare two" actions={<>{pick(one, setOne, "First dataset")} {pick(two, setTwo, "Second dataset")}</>}>
      {keys.length ? (
        <div className="scroll" tabIndex={0} role="region" aria-label="Differences">
          <table className="data">
            <thead>
              <tr>
                <th>Field</th>
                <th>{one}</th>
                <th>{two}</th>
              </tr>
            </thead>
            <tbody>
              {keys.map((k) => (
                <tr key={k}>
                  <td>{k}</td>
                  <td className="break">{a.get(k) ?? "–"}</td>
                  <td className="break">{b.get(k) ?? "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="muted">Their manifests say the same, files aside.</p>
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
        <Page title={d.name} lead={`${count(rowsOf(d))} rows, ${bytes(d.size)}, written ${moment(d.made_at)}`} actions={<a className="button primary" href={`/api/v1/datasets/${encodeURIComponent(d.name)}/download`} download>↓ Download</a>}>
          <div className="grid">
            <Card title="Dataset card" className="s8 wide-md">
              <Prose html={d.card_html} />
            </Card>
            <Card title="Files" className="s4 wide-md">
              <ul className="stack tight small">
                {d.files.map((f) => (
                  <li key={f} className="break">
                    {f}
                  </li>
                ))}
              </ul>
            </Card>
          </div>
        </Page>
      )}
    </Loaded>
  );
}
