import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type Shapes, useApi } from "../api/client";
import { Card, ClassChip, Csv, Empty, Level, Loaded, Measure, Page, Range } from "../kit/basics";
import { Chart } from "../kit/Chart";
import { Table } from "../kit/Table";
import { count, figure, percent, story } from "../logic/numbers";
import { times } from "../logic/search";

type Agreement = Shapes["Agreement"];

export default function AgreementPage() {
  const { control } = useSearch({ strict: false }) as { control?: string };
  const navigate = useNavigate();
  const query = useApi("/agreement", {}, { control });
  const none = (
    <Page title="Agreement">
      <Card>
        <Empty title="No answers to compare yet">Agreement needs items that two annotators have answered. Set overlap.share, open a round, and let them label.</Empty>
      </Card>
    </Page>
  );
  return (
    <Loaded query={query} empty={none}>
      {(a) => (
        <Page
          title="Agreement"
          lead={`${count(a.annotations)} answers of ${a.annotators} annotators to ${count(a.items)} items; ${count(a.items_shared)} items were answered by several.`}
          actions={
            a.of.length > 1 ? (
              <select aria-label="Control" value={a.control} onChange={(e) => void navigate({ to: "/agreement", search: { control: e.target.value } })}>
                {a.of.map((c) => (
                  <option key={c}>{c}</option>
                ))}
              </select>
            ) : null
          }
        >
          <div className="grid">
            <Verdict a={a} />
            <Measures a={a} />
            <Confusion a={a} />
            <Gaps a={a} />
            <Classes a={a} />
            <Pairs a={a} />
            <Parts a={a} />
            <Versions a={a} />
            <Difficult a={a} />
            <Errors a={a} />
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Verdict({ a }: { a: Agreement }) {
  return (
    <Card className="s6 wide-md">
      <div className="row between">
        <div className="headline">{a.verdict.train}</div>
        <Level of={a.verdict.level} />
      </div>
      <p>{a.verdict.why}</p>
      {a.verdict.guidelines.map((g) => (
        <p key={g}>
          <b>Guidelines:</b> {g}
        </p>
      ))}
      {a.verdict.help.map((g) => (
        <p key={g}>
          <b>Help:</b> {g}
        </p>
      ))}
      <p>
        <b>Expert:</b> {a.verdict.experts}
      </p>
      <p>
        <b>Next:</b> {a.verdict.next_step}
      </p>
    </Card>
  );
}

function Measures({ a }: { a: Agreement }) {
  return (
    <Card title="Measures" className="s6 wide-md" actions={<Csv href="/api/v1/tables/agreement.csv" />}>
      <div className="stack">
        {a.measures.map((m) => (
          <div key={m.name} className="stack tight" title={story(m)}>
            <div className="row between tight">
              <span>{m.title ?? m.name}</span>
              <span>
                <b>{figure(m.value)}</b>{" "}
                <span className="small muted">{m.low !== null && m.low !== undefined && m.high !== null && m.high !== undefined ? `${figure(m.low)} to ${figure(m.high)}` : m.reason}</span>
              </span>
            </div>
            <Range of={m} marks={[0.667, 0.8]} />
          </div>
        ))}
      </div>
    </Card>
  );
}

function Confusion({ a }: { a: Agreement }) {
  const c = a.confusion;
  if (!c) return null;
  const most = Math.max(1, ...c.counts.flatMap((row, i) => row.filter((_, j) => i !== j)));
  const same = Math.max(1, ...c.counts.map((row, i) => row[i] ?? 0));
  return (
    <Card title="Which class is confused with which" className="s6 wide-md" actions={<Csv href="/api/v1/tables/confusion.csv" />}>
      <div className="scroll" tabIndex={0} role="region" aria-label="Confusion of classes">
        <table className="matrix">
          <thead>
            <tr>
              <td />
              {c.classes.map((name) => (
                <th key={name} scope="col" title={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {c.classes.map((one, i) => (
              <tr key={one}>
                <th scope="row" title={one}>
                  {one}
                </th>
                {c.classes.map((other, j) => {
                  const n = c.counts[i]?.[j] ?? 0;
                  const depth = i === j ? (0.22 * n) / same : (0.46 * n) / most;
                  return (
                    <td key={other} style={{ background: n ? `rgb(var(--heat) / ${(0.06 + depth).toFixed(3)})` : undefined }}>
                      {n ? (
                        <Link to="/items" search={{ pair: i === j ? one : `${one}~${other}`, control: a.control, ...(i === j ? {} : { sort: "disagreement", descending: true }) }} aria-label={`${count(n)} pairs of answers: ${one} and ${other}`}>
                          {count(n)}
                        </Link>
                      ) : (
                        <span className="muted">0</span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small muted">Pairs of answers to the same item by two annotators. A cell opens its items.{c.left_out ? ` ${c.left_out} rare classes are left out.` : ""}</p>
    </Card>
  );
}

function Gaps({ a }: { a: Agreement }) {
  return (
    <Card title="Gaps in the guidelines" className="s6 wide-md" actions={<Link to="/guidelines">Edit guidelines →</Link>}>
      {a.gaps.length ? (
        a.gaps.slice(0, 5).map((g) => (
          <div key={g.classes.join()} className="stack tight">
            <div className="row between tight">
              <span className="row tight">
                <ClassChip name={g.classes[0] ?? ""} />
                <span className="muted">⇄</span>
                <ClassChip name={g.classes[1] ?? ""} />
              </span>
              <Link className="small" to="/items" search={{ pair: g.classes.join("~"), control: a.control, sort: "disagreement", descending: true }}>
                {count(g.n)} times, {percent(g.share)} of all that differ →
              </Link>
            </div>
            <Examples a={a} items={g.items} />
            {g.alpha_if_merged?.value !== null && g.alpha_if_merged?.value !== undefined ? <p className="small muted">If the two were one class, alpha would be {figure(g.alpha_if_merged.value)}.</p> : null}
          </div>
        ))
      ) : (
        <p className="muted">No two classes are confused beyond chance and beyond one person.</p>
      )}
    </Card>
  );
}

function Examples({ a, items }: { a: Agreement; items: string[] }) {
  return (
    <ul className="stack tight">
      {items.slice(0, 2).map((id) => (
        <li key={id} className="small clip">
          <Link to="/items/$item" params={{ item: id }}>
            {a.difficult.find((d) => d.item === id)?.excerpt ?? id}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Classes({ a }: { a: Agreement }) {
  const rows = a.by_class.map((m) => ({ ...m, n: a.distribution[m.name] ?? null }));
  return (
    <Card title="By class" className="s6 wide-md" flush actions={<Csv href="/api/v1/tables/classes.csv" />}>
      {rows.length ? (
        <Table
          rows={rows}
          label="Agreement by class"
          elsewhere
          numeric={["n", "value"]}
          columns={[
            { id: "name", header: "Class", accessorFn: (r) => r.name, cell: (c) => <Link to="/items" search={{ label: [c.row.original.name] }}><ClassChip name={c.row.original.name} /></Link> },
            { id: "n", header: "Answers", accessorFn: (r) => r.n ?? -1, cell: (c) => count(c.row.original.n) },
            { id: "value", header: "Agreement", accessorFn: (r) => r.value ?? -2, cell: (c) => <Measure of={c.row.original} /> },
          ]}
        />
      ) : (
        <Empty title="Not by class">This control has no classes, or too few answers share items.</Empty>
      )}
    </Card>
  );
}

function Pairs({ a }: { a: Agreement }) {
  const names = [...new Map(a.pairs.flatMap((p) => [[p.a, p.a_name] as const, [p.b, p.b_name] as const])).entries()].sort((x, y) => x[1].localeCompare(y[1]));
  const of = new Map(a.pairs.flatMap((p) => [[`${p.a}|${p.b}`, p] as const, [`${p.b}|${p.a}`, p] as const]));
  if (!names.length) return null;
  return (
    <Card title="By pair of annotators" className="s6 wide-md" actions={<Csv href="/api/v1/tables/pairs.csv" />}>
      <div className="scroll" tabIndex={0} role="region" aria-label="Agreement by pair of annotators">
        <table className="matrix">
          <thead>
            <tr>
              <td />
              {names.slice(0, 24).map(([id, name]) => (
                <th key={id} scope="col" title={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.slice(0, 24).map(([one, name]) => (
              <tr key={one}>
                <th scope="row" title={name}>
                  {name}
                </th>
                {names.slice(0, 24).map(([other]) => {
                  const p = of.get(`${one}|${other}`);
                  const m = p?.other ?? p?.kappa;
                  if (!p || !m) return <td key={other}><span className="muted">{one === other ? "·" : "–"}</span></td>;
                  return (
                    <td key={other} style={m.value === null ? undefined : { background: `rgb(var(--heat) / ${(0.05 + 0.45 * Math.max(0, m.value)).toFixed(3)})` }}>
                      <Link to="/items" search={{ annotator: [one, other], differing: true }} title={`${story(m)}; ${p.shared} shared items`}>
                        {figure(m.value)}
                      </Link>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small muted">Kappa of each two (for what is drawn: their own measure). A cell opens the items on which they differ.</p>
    </Card>
  );
}

function Parts({ a }: { a: Agreement }) {
  const parts = [...a.slices, ...(a.over_time ? [a.over_time] : [])].filter((p) => p.parts.length > 1);
  return (
    <>
      {parts.map((part, k) => (
        <Card key={part.by} title={part.by === "time" ? "Over time" : `By ${part.by}`} className={parts.length % 2 && k === parts.length - 1 && !a.versions.length ? "s12" : "s6 wide-md"}>
          <Chart label={`${part.measure ?? "Agreement"} with 95 % intervals`} series={[{ name: "agreement", kind: part.by === "time" ? "line" : "bar", points: part.parts.map((p) => ({ name: p.name, value: p.value, low: p.low, high: p.high })) }]} to={1} />
          <p className="row tight small">
            <span className="muted">Items that differ:</span>
            {part.parts.slice(0, 24).map((p) => (
              <Link key={p.name} to="/items" search={{ ...(part.by === "time" ? { answered: times(p.name) } : { slice: [`${part.by}:${p.name}`] }), differing: true, sort: "disagreement", descending: true }}>
                {p.name}
              </Link>
            ))}
          </p>
          {part.left_out ? <p className="small muted">{part.left_out} parts with too few shared items are left out.</p> : null}
        </Card>
      ))}
    </>
  );
}

function Versions({ a }: { a: Agreement }) {
  if (!a.versions.length) return null;
  return (
    <Card title="What a change of the guidelines did" className="s6 wide-md">
      {a.versions.map((v) => (
        <p key={v.versions.join()}>
          v{v.versions[0]} → v{v.versions[1]}: {figure(v.before.value)} → {figure(v.after.value)}, change <b>{figure(v.change.value)}</b> <span className="small muted">({story(v.change)})</span>
        </p>
      ))}
    </Card>
  );
}

function Difficult({ a }: { a: Agreement }) {
  return (
    <Card title="Most disputed items" className="s12" flush actions={<Link to="/items" search={{ differing: true, sort: "disagreement", descending: true }}>All →</Link>}>
      {a.difficult.length ? (
        <Table
          rows={a.difficult.slice(0, 15)}
          label="Most disputed items"
          numeric={["disagreement"]}
          columns={[
            { id: "item", header: "Item", accessorFn: (d) => d.item, cell: (c) => <Link to="/items/$item" params={{ item: c.row.original.item }}><span className="clamp">{c.row.original.excerpt ?? c.row.original.item}</span></Link> },
            { id: "answers", header: "Answers", enableSorting: false, cell: (c) => <span className="row tight nowrap chips">{c.row.original.answers.slice(0, 6).map((x, k) => <span key={k} title={String(x["annotator"])}><ClassChip name={String(x["label"])} /></span>)}</span> },
            { id: "disagreement", header: "Disagreement", accessorFn: (d) => d.disagreement, cell: (c) => figure(c.row.original.disagreement) },
          ]}
        />
      ) : (
        <Empty title="None">Wherever several annotators answered, they agree.</Empty>
      )}
    </Card>
  );
}

function Errors({ a }: { a: Agreement }) {
  if (!a.label_errors.length) return null;
  return (
    <Card title="Labels that look wrong to a model" className="s12" flush>
      <Table
        rows={a.label_errors.slice(0, 15)}
        label="Likely label errors"
        columns={[
          { id: "item", header: "Item", accessorFn: (d) => String(d["item"]), cell: (c) => <Link to="/items/$item" params={{ item: String(c.row.original["item"]) }}>{String(c.row.original["excerpt"] ?? c.row.original["item"])}</Link> },
          { id: "given", header: "Label", accessorFn: (d) => String(d["given"] ?? d["label"] ?? ""), cell: (c) => <ClassChip name={String(c.row.original["given"] ?? c.row.original["label"] ?? "")} /> },
          { id: "suggested", header: "The model says", accessorFn: (d) => String(d["suggested"] ?? d["predicted"] ?? ""), cell: (c) => <ClassChip name={String(c.row.original["suggested"] ?? c.row.original["predicted"] ?? "")} /> },
        ]}
      />
    </Card>
  );
}
