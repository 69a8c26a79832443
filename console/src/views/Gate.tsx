import { type FormEvent, useEffect, useRef, useState } from "react";
import { type ApiError, send, useApi } from "../api/client";
import { Field, Trouble } from "../kit/basics";
import type { Me } from "../rights";

/** Before anybody is signed in: a password, single sign-on, or the link that `labelwright up` printed. */
export function Gate({ enter }: { enter: (me: Me) => void }) {
  const ways = useApi("/session/ways");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    setBusy(true);
    send("post", "/session", {}, { email, password }).then(enter, (problem: ApiError) => {
      setError(problem);
      setBusy(false);
    });
  };
  return (
    <main className="gate">
      <div className="card">
        <div className="brand" style={{ padding: 0 }}>
          <img src="/favicon.svg" alt="" /> Labelwright
        </div>
        <h1>{ways.data?.project ?? "Sign in"}</h1>
        {ways.data?.password ? (
          <form className="stack" onSubmit={submit}>
            <Field label="E-mail">
              <input type="email" required autoComplete="username" value={email} onChange={(e) => setEmail(e.target.value)} />
            </Field>
            <Field label="Password">
              <input type="password" required autoComplete="current-password" value={password} onChange={(e) => setPassword(e.target.value)} />
            </Field>
            {error ? <Trouble error={error} /> : null}
            <button className="button primary" disabled={busy}>
              Sign in
            </button>
          </form>
        ) : (
          <p className="muted">
            Run <code>labelwright up</code> in the project's folder: it prints a link that lets you in as the lead. Others ask the lead for theirs.
          </p>
        )}
        {ways.data?.oidc ? (
          <a className="button" href="/api/v1/oidc/start">
            Single sign-on
          </a>
        ) : null}
        {ways.error ? <Trouble error={ways.error} /> : null}
      </div>
    </main>
  );
}

/** A link that works once. It is used by this page, not by whatever looks at links to show a preview. */
export function ByLink({ secret }: { secret: string }) {
  const [error, setError] = useState<ApiError | null>(null);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    // A new page rather than another view: the secret stands neither in the history nor in anything that was loaded.
    send("post", "/session/link", {}, { token: secret }).then((me) => location.replace(me.scopes.includes("read") ? "/" : "/me"), setError);
  }, [secret]);
  return (
    <main className="gate">
      <div className="card">
        <h1>Letting you in …</h1>
        {error ? (
          <>
            <Trouble error={error} />
            <a className="button" href="/">
              To the console
            </a>
          </>
        ) : null}
      </div>
    </main>
  );
}
