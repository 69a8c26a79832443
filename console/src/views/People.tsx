import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Shapes, send, useApi, useChange } from "../api/client";
import { Card, Csv, Dialog, Empty, Field, Loaded, Measure, Page, State, Trouble } from "../kit/basics";
import { Table } from "../kit/Table";
import { count, money, percent, seconds } from "../logic/numbers";
import { useRights } from "../rights";

type Person = Shapes["Person"];

export default function PeoplePage() {
  const query = useApi("/people");
  const may = useRights();
  const [adding, setAdding] = useState(false);
  const add = may.manage ? (
    <button type="button" className="button primary" onClick={() => setAdding(true)}>
      Add an annotator
    </button>
  ) : null;
  return (
    <Page title="People" lead="Who does how much, how well, and who needs help. A name opens the card." actions={add}>
      <Loaded query={query}>
        {(people) =>
          people.length ? (
            <Card flush title={`${people.length} annotators`} actions={<Csv href="/api/v1/tables/people.csv" />}>
              <People people={people} />
            </Card>
          ) : (
            <Card>
              <Empty title="Nobody labels yet" action={add}>
                Each annotator gets an account and a desk of their own in Label Studio: a short queue that never runs dry.
              </Empty>
            </Card>
          )
        }
      </Loaded>
      <Add open={adding} close={() => setAdding(false)} />
    </Page>
  );
}

function People({ people }: { people: Person[] }) {
  const gold = people.some((p) => p.gold?.value !== null && p.gold?.value !== undefined);
  const skill = people.some((p) => p.skill?.value !== null && p.skill?.value !== undefined);
  const paid = people.some((p) => p.cost !== null && p.cost !== undefined);
  return (
    <Table
      rows={people}
      label="People"
          elsewhere
      numeric={["done", "waiting", "agreement", "skill", "gold", "seconds", "cost"]}
      columns={[
        {
          id: "name",
          header: "Name",
          accessorFn: (p) => p.name,
          cell: (c) => (
            <span className="stack" style={{ gap: 0 }}>
              <Link to="/people/$person" params={{ person: c.row.original.id }}>
                <b>{c.row.original.name}</b>
              </Link>
              <span className="small muted">{c.row.original.level}</span>
            </span>
          ),
        },
        { id: "status", header: "Status", accessorFn: (p) => p.status, cell: (c) => <State of={c.row.original.status} /> },
        { id: "done", header: "Answers", accessorFn: (p) => p.done, cell: (c) => <Link to="/items" search={{ annotator: [c.row.original.id] }}>{count(c.row.original.done)}</Link> },
        { id: "waiting", header: "Waiting", accessorFn: (p) => p.waiting + p.on_desk, cell: (c) => `${count(c.row.original.on_desk)} + ${count(c.row.original.waiting)}` },
        { id: "agreement", header: "Agreement with others", accessorFn: (p) => p.agreement.value ?? -1, cell: (c) => <Measure of={c.row.original.agreement} format={(v) => percent(v)} /> },
        ...(skill ? [{ id: "skill", header: "Skill", accessorFn: (p: Person) => p.skill?.value ?? -1, cell: (c: { row: { original: Person } }) => (c.row.original.skill ? <Measure of={c.row.original.skill} format={(v) => percent(v)} /> : "–") }] : []),
        ...(gold ? [{ id: "gold", header: "Gold", accessorFn: (p: Person) => p.gold?.value ?? -1, cell: (c: { row: { original: Person } }) => (c.row.original.gold ? <Measure of={c.row.original.gold} format={(v) => percent(v)} /> : "–") }] : []),
        { id: "seconds", header: "Median time", accessorFn: (p) => p.seconds.value ?? 1e9, cell: (c) => <Measure of={c.row.original.seconds} format={(v) => seconds(v)} bare /> },
        ...(paid ? [{ id: "cost", header: "Earned", accessorFn: (p: Person) => p.cost ?? -1, cell: (c: { row: { original: Person } }) => money(c.row.original.cost, c.row.original.currency ?? "EUR") }] : []),
        {
          id: "sign",
          header: "Needs help",
          accessorFn: (p) => Number(p.stands_apart) + p.help.length,
          cell: (c) => {
            const p = c.row.original;
            if (p.looks) return <span className="badge poor">✗ looks {p.looks}</span>;
            if (p.drift_found) return <span className="badge fair">~ changed over time</span>;
            if (p.stands_apart) return <span className="badge fair">~ stands apart</span>;
            return p.help.length ? <span className="badge fair">~ see card</span> : <span className="muted">–</span>;
          },
        },
      ]}
    />
  );
}

function Add({ open, close }: { open: boolean; close: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [level, setLevel] = useState<"novice" | "regular" | "expert">("regular");
  const add = useChange(() => send("post", "/people", {}, { name, email, level }));
  const done = add.data;
  return (
    <Dialog
      open={open}
      onClose={() => {
        add.reset();
        close();
      }}
      title="Add an annotator"
    >
      {done ? (
        <div className="stack">
          <p>
            <b>{name}</b> has a desk. Send them this; the password is shown only now.
          </p>
          <dl className="facts">
            <dt>Desk</dt>
            <dd>
              <a href={done.desk} target="_blank" rel="noreferrer">
                {done.desk}
              </a>
            </dd>
            <dt>E-mail</dt>
            <dd>{done.email}</dd>
            <dt>Password</dt>
            <dd>{done.password ?? "as before"}</dd>
          </dl>
        </div>
      ) : (
        <form
          className="stack"
          onSubmit={(e) => {
            e.preventDefault();
            add.mutate(undefined);
          }}
        >
          <Field label="Name">
            <input required value={name} onChange={(e) => setName(e.target.value)} />
          </Field>
          <Field label="E-mail">
            <input required type="email" value={email} onChange={(e) => setEmail(e.target.value)} />
          </Field>
          <Field label="Level" hint="How much their word weighs before anything is known.">
            <select value={level} onChange={(e) => setLevel(e.target.value as typeof level)}>
              <option value="novice">novice</option>
              <option value="regular">regular</option>
              <option value="expert">expert</option>
            </select>
          </Field>
          {add.error ? <Trouble error={add.error} /> : null}
          <button className="button primary" disabled={add.isPending}>
            {add.isPending ? "Making account and desk …" : "Add"}
          </button>
        </form>
      )}
    </Dialog>
  );
}
