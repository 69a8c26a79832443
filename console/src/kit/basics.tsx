import { Dialog as RadixDialog, Tooltip as RadixTooltip } from "radix-ui";
import { type ReactNode, createContext, useContext, useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { colourOf } from "../logic/classes";
import { type Measured, figure, place, story } from "../logic/numbers";

/** Classes of the schema, in its order: they give every class its colour. */
export const ClassesContext = createContext<readonly string[]>([]);

export function useClasses(): readonly string[] {
  return useContext(ClassesContext);
}

export function Page({ title, lead, actions, children }: { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Labelwright`;
  }, [title]);
  return (
    <div className="page">
      <div className="head">
        <div className="stack tight">
          <h1>{title}</h1>
          {lead ? <p>{lead}</p> : null}
        </div>
        {actions ? <div className="row tight">{actions}</div> : null}
      </div>
      {children}
    </div>
  );
}

export function Card({ title, actions, children, className = "", flush = false }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string; flush?: boolean }) {
  return (
    <section className={`card ${flush ? "flush" : ""} ${className}`}>
      {title || actions ? (
        <header>
          {title ? <h2>{title}</h2> : <span />}
          {actions ? <div className="row tight">{actions}</div> : null}
        </header>
      ) : null}
      {children}
    </section>
  );
}

export function Tip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <RadixTooltip.Root delayDuration={150}>
      <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
      <RadixTooltip.Portal>
        <RadixTooltip.Content className="tip" sideOffset={6} collisionPadding={10}>
          {text}
        </RadixTooltip.Content>
      </RadixTooltip.Portal>
    </RadixTooltip.Root>
  );
}

/** A number that can be defended: its interval is drawn, and told on hover and focus. */
export function Measure({ of, format = (v) => figure(v), from = 0, to = 1, bare = false }: { of: Measured; format?: (v: number) => string; from?: number; to?: number; bare?: boolean }) {
  const told = story(of, format);
  return (
    <Tip text={told}>
      <span className="measure" tabIndex={0} aria-label={told} role="img">
        <span className="num">{of.value === null ? "–" : format(of.value)}</span>
        {bare || of.value === null ? null : <Range of={of} from={from} to={to} />}
      </span>
    </Tip>
  );
}

export function Range({ of, from = 0, to = 1, marks = [], wide = false }: { of: Measured; from?: number; to?: number; marks?: number[]; wide?: boolean }) {
  if (of.value === null) return null;
  const low = place(of.low ?? of.value, from, to);
  const high = place(of.high ?? of.value, from, to);
  return (
    <span className={`range ${wide ? "wide" : ""}`} aria-hidden="true">
      {marks.map((m) => (
        <span key={m} className="mark" style={{ left: `${place(m, from, to)}%` }} />
      ))}
      <span className="span" style={{ left: `${low}%`, width: `${Math.max(0, high - low)}%` }} />
      <span className="dot" style={{ left: `${place(of.value, from, to)}%` }} />
    </span>
  );
}

/** A small picture of what is labeled; where none can be made, nothing stands in its place. */
export function Thumb({ source, large = false }: { source: string; large?: boolean }) {
  const [gone, setGone] = useState(false);
  if (gone) return null;
  return <img className={`thumb ${large ? "large" : ""}`} src={`${source}?side=${large ? 192 : 96}`} alt="" loading="lazy" onError={() => setGone(true)} />;
}

export function ClassChip({ name }: { name: string }) {
  const classes = useClasses();
  return (
    <span className={`class k${colourOf(name, classes)}`}>
      <i aria-hidden="true" />
      <span className="clip">{name}</span>
    </span>
  );
}

const STATES: Record<string, [string, string]> = {
  open: ["Open", ""],
  accepted: ["✓ Accepted", "good"],
  contested: ["~ Contested", "fair"],
  review: ["◷ With expert", "accent"],
  adjudicated: ["✓ Decided", "good"],
  excluded: ["Excluded", ""],
  active: ["Active", "good"],
  paused: ["Paused", "fair"],
  left: ["Left", ""],
  current: ["✓ In use", "good"],
  retired: ["Retired", ""],
  rejected: ["Rejected", "poor"],
  candidate: ["Candidate", "accent"],
  closed: ["Closed", ""],
  cancelled: ["Cancelled", ""],
  selecting: ["Selecting", "accent"],
  onboarding: ["Onboarding", "accent"],
};

export function State({ of }: { of: string }) {
  const [name, tone] = STATES[of] ?? [of, ""];
  return <span className={`badge ${tone}`}>{name}</span>;
}

export const LEVELS: Record<string, [string, string]> = { good: ["✓ Good", "good"], fair: ["~ Fair", "fair"], poor: ["✗ Poor", "poor"], unknown: ["? Unknown", ""] };

export function Level({ of }: { of: string }) {
  const [name, tone] = LEVELS[of] ?? [of, ""];
  return <span className={`badge ${tone}`}>{name}</span>;
}

export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof ApiError ? error.problem : { message: "Something went wrong", next_step: "Reload the page" };
  return (
    <div className="problem" role="alert">
      <b>{problem.message}</b>
      <span>{problem.next_step ?? ""}</span>{" "}
      {retry ? (
        <button type="button" className="button small" onClick={retry}>
          Try again
        </button>
      ) : null}
    </div>
  );
}

/** A view's data, or why it is not there yet. */
export function Loaded<T>({ query, children, empty }: { query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown }; children: (data: T) => ReactNode; empty?: ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error instanceof ApiError && query.error.status === 409 && empty) return <>{empty}</>;
  if (query.error) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  return <div className="skeleton wait" aria-busy="true" aria-label="Loading" />;
}

export function Dialog({ open, onClose, title, children }: { open: boolean; onClose: () => void; title: string; children: ReactNode }) {
  return (
    <RadixDialog.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="overlay" />
        <RadixDialog.Content className="dialog" aria-describedby={undefined}>
          <RadixDialog.Title asChild>
            <h2>{title}</h2>
          </RadixDialog.Title>
          {children}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <label className="field">
      <span>{label}</span>
      {children}
      {hint ? <small>{hint}</small> : null}
    </label>
  );
}

/** Clean HTML: the server has taken out whatever could act. */
export function Prose({ html }: { html: string }) {
  return <div className="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}

export function Csv({ href, label = "CSV" }: { href: string; label?: string }) {
  return (
    <a className="button small" href={href} download aria-label={`Download ${label}`}>
      ↓ {label}
    </a>
  );
}
