import { type FormEvent, useState } from "react";
import { type Shapes, rememberProtection, send, useApi, useChange } from "../api/client";
import { Card, Csv, Dialog, Field, Loaded, Page, Trouble } from "../kit/basics";
import { Table } from "../kit/Table";
import { moment } from "../logic/numbers";
import { useMe, useRights } from "../rights";

const ROLES = ["lead", "reviewer", "annotator", "read-only"] as const;
type Role = (typeof ROLES)[number];

export default function AccountPage() {
  const may = useRights();
  return (
    <Page title="Access" lead="Your own sign-in, tokens for scripts, who else may come in, and who changed what.">
      <div className="grid">
        <Profile />
        <Tokens />
        {may.manage ? <Accounts /> : null}
        {may.manage ? <Audit /> : null}
      </div>
    </Page>
  );
}

function Profile() {
  const me = useMe();
  const [name, setName] = useState(me.name);
  const [email, setEmail] = useState(me.email ?? "");
  const [password, setPassword] = useState("");
  const save = useChange(
    () => send("put", "/session/profile", {}, { name, email: email || null, password: password || null }),
    (now) => {
      rememberProtection(now.csrf);
      setPassword("");
    },
  );
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Card title="You" className="s6 wide-md">
      {me.has_password ? null : <p className="banner">Set a password, so that you can sign in again without a link.</p>}
      <form className="stack" onSubmit={submit}>
        <Field label="Name">
          <input required value={name} autoComplete="name" onChange={(e) => setName(e.target.value)} />
        </Field>
        <Field label="E-mail">
          <input type="email" value={email} autoComplete="username" onChange={(e) => setEmail(e.target.value)} />
        </Field>
        <Field label="New password" hint="Ten characters or more. A new one signs your other browsers out.">
          <input type="password" minLength={10} value={password} autoComplete="new-password" onChange={(e) => setPassword(e.target.value)} />
        </Field>
        {save.error ? <Trouble error={save.error} /> : null}
        <button className="button primary" disabled={save.isPending}>
          {save.isSuccess ? "✓ Saved" : "Save"}
        </button>
      </form>
    </Card>
  );
}

function Tokens() {
  const query = useApi("/tokens");
  const me = useMe();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Shapes["Scope"][]>(["read"]);
  const make = useChange(() => send("post", "/tokens", {}, { name, scopes, days: 365 }));
  const revoke = useChange((id: string) => send("delete", "/tokens/{token}", { token: id }));
  return (
    <Card title="Tokens for scripts" className="s6 wide-md" actions={<a className="small" href="/api/v1/openapi.json">API document</a>}>
      <Loaded query={query}>
        {(found) => (
          <>
            {found.map((t) => (
              <div key={t.id} className="row between tight">
                <span>
                  <b>{t.name}</b> <span className="small muted">{t.scopes.join(", ")}</span>
                </span>
                <button type="button" className="button small danger" onClick={() => revoke.mutate(t.id)}>
                  Revoke
                </button>
              </div>
            ))}
          </>
        )}
      </Loaded>
      <form
        className="stack tight"
        onSubmit={(e) => {
          e.preventDefault();
          make.mutate(undefined);
        }}
      >
        <Field label="A new token for">
          <input required placeholder="nightly export" value={name} onChange={(e) => setName(e.target.value)} />
        </Field>
        <div className="row">
          {me.scopes.map((s) => (
            <label key={s} className="row tight">
              <input type="checkbox" checked={scopes.includes(s)} onChange={() => setScopes(scopes.includes(s) ? scopes.filter((o) => o !== s) : [...scopes, s])} />
              {s}
            </label>
          ))}
        </div>
        <button className="button" disabled={make.isPending || !scopes.length}>
          Make a token for a year
        </button>
      </form>
      {make.error ? <Trouble error={make.error} /> : null}
      {make.data ? (
        <p className="banner break">
          Copy it now, it is not shown again: <code>{make.data.secret}</code>
        </p>
      ) : null}
    </Card>
  );
}

function Accounts() {
  const query = useApi("/accounts");
  const people = useApi("/people");
  const [asking, setAsking] = useState(false);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("reviewer");
  const [annotator, setAnnotator] = useState("");
  const invite = useChange(() => send("post", "/accounts", {}, { name, email: email || null, role, annotator: annotator || null }));
  const link = useChange((id: string) => send("post", "/accounts/{account}/link", { account: id }));
  const change = useChange(({ id, body }: { id: string; body: Shapes["AccountChange"] }) => send("patch", "/accounts/{account}", { account: id }, body));
  const shown = invite.data ?? link.data;
  return (
    <Card title="Who may come in" className="s12" flush actions={<button type="button" className="button small" onClick={() => { invite.reset(); link.reset(); setAsking(true); }}>Invite somebody</button>}>
      <Loaded query={query}>
        {(found) => (
          <Table
            rows={found}
            label="Accounts"
            columns={[
              { id: "name", header: "Name", accessorFn: (a) => a.name, cell: (c) => <span><b>{c.row.original.name}</b> <span className="small muted">{c.row.original.email ?? ""}</span></span> },
              {
                id: "role",
                header: "Role",
                accessorFn: (a) => a.role,
                cell: (c) => (
                  <select aria-label={`Role of ${c.row.original.name}`} value={c.row.original.role} onChange={(e) => change.mutate({ id: c.row.original.id, body: { role: e.target.value as Role } })}>
                    {ROLES.map((r) => (
                      <option key={r}>{r}</option>
                    ))}
                  </select>
                ),
              },
              { id: "way", header: "Signs in by", accessorFn: (a) => (a.single_sign_on ? "single sign-on" : a.has_password ? "password" : "link") },
              {
                id: "act",
                header: "",
                enableSorting: false,
                cell: (c) => (
                  <span className="row tight">
                    <button type="button" className="button small" onClick={() => { link.mutate(c.row.original.id); setAsking(true); }}>New link</button>
                    <button type="button" className="button small danger" onClick={() => change.mutate({ id: c.row.original.id, body: { active: !c.row.original.active } })}>{c.row.original.active ? "Close" : "Open again"}</button>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {change.error ? <Trouble error={change.error} /> : null}
      <Dialog open={asking} onClose={() => setAsking(false)} title={shown ? "Send them this link" : "Invite somebody"}>
        {shown ? (
          <p className="break">
            <code>{location.origin + shown.link}</code>
            <br />
            <span className="muted small">It lets {shown.account.name} in once, within two weeks.</span>
          </p>
        ) : (
          <form
            className="stack"
            onSubmit={(e) => {
              e.preventDefault();
              invite.mutate(undefined);
            }}
          >
            <Field label="Name">
              <input required value={name} onChange={(e) => setName(e.target.value)} />
            </Field>
            <Field label="E-mail (optional)">
              <input type="email" value={email} onChange={(e) => setEmail(e.target.value)} />
            </Field>
            <Field label="Role">
              <select value={role} onChange={(e) => setRole(e.target.value as Role)}>
                {ROLES.map((r) => (
                  <option key={r}>{r}</option>
                ))}
              </select>
            </Field>
            {role === "annotator" ? (
              <Field label="Who in the team">
                <select required value={annotator} onChange={(e) => setAnnotator(e.target.value)}>
                  <option value="">choose</option>
                  {(people.data ?? []).map((p) => (
                    <option key={p.id} value={p.id}>
                      {p.name}
                    </option>
                  ))}
                </select>
              </Field>
            ) : null}
            {invite.error ? <Trouble error={invite.error} /> : null}
            <button className="button primary" disabled={invite.isPending}>
              Make a link
            </button>
          </form>
        )}
      </Dialog>
    </Card>
  );
}

function Audit() {
  const query = useApi("/audit");
  return (
    <Card title="Who changed what" className="s12" flush actions={<Csv href="/api/v1/tables/audit.csv" />}>
      <Loaded query={query}>
        {(found) => (
          <Table
            rows={found}
            label="Audit log"
          elsewhere
            columns={[
              { id: "at", header: "When", accessorFn: (e) => e.at, cell: (c) => <span className="nowrap">{moment(c.row.original.at)}</span> },
              { id: "who", header: "Who", accessorFn: (e) => e.who, cell: (c) => c.row.original.who },
              { id: "action", header: "What", accessorFn: (e) => e.action },
              { id: "target", header: "On", accessorFn: (e) => e.target, cell: (c) => <span className="clamp break">{c.row.original.target}</span> },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}
