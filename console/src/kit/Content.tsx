import type { Shapes } from "../api/client";
import { colourOf } from "../logic/classes";
import { pieces } from "../logic/text";
import { ClassChip, useClasses } from "./basics";

type Detail = Shapes["ItemDetail"];
/** `tone` and `by`: drawn in the colour of whoever drew it, where several people's are shown. */
export type Region = Shapes["Region"] & { tone?: number; by?: string };

const PICTURES = new Set(["Image"]);
const SOUNDS = new Set(["Audio", "AudioPlus"]);
const FILMS = new Set(["Video"]);

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

/** What the labeling screen shows of an item, with regions drawn on it. Everything people wrote stays text. */
export function Content({ item, regions }: { item: Detail; regions: Region[] }) {
  const shown = item.objects.filter((o) => o["field"] && o["field"] in item.data);
  const fields = shown.length ? shown : Object.keys(item.data).map((field) => ({ name: field, tag: "Text", field }));
  return (
    <div className="stack">
      {fields.map((o) => (
        <One key={String(o["name"])} tag={String(o["tag"])} field={String(o["field"])} item={item} regions={regions.filter((r) => r.target === o["name"] || fields.length === 1)} />
      ))}
    </div>
  );
}

function One({ tag, field, item, regions }: { tag: string; field: string; item: Detail; regions: Region[] }) {
  const value = plain(item.data[field]);
  const source = item.media[field] ?? value;
  const own = source.startsWith("/");
  if (PICTURES.has(tag) && own) return <Picture source={source} regions={regions} name={value} />;
  if (SOUNDS.has(tag) && own) return <audio controls preload="metadata" src={source} aria-label={value} />;
  if (FILMS.has(tag) && own) return <video controls preload="metadata" src={source} aria-label={value} className="picture" />;
  if (PICTURES.has(tag) || SOUNDS.has(tag) || FILMS.has(tag)) return <Elsewhere address={value} regions={regions} tag={tag} />;
  return <Marked text={value} regions={regions} />;
}

/** Files of other hosts are linked, never loaded: the console asks no other host for anything. */
function Elsewhere({ address, regions, tag }: { address: string; regions: Region[]; tag: string }) {
  return (
    <div className="stack tight">
      <a href={/^https?:/.test(address) ? address : undefined} rel="noreferrer noopener" target="_blank" className="break">
        {tag}: {address}
      </a>
      {regions.some((r) => r.form !== "segment" && r.form !== "span") ? (
        <div className="picture">
          <Shapes100 regions={regions} />
        </div>
      ) : null}
    </div>
  );
}

export function Marked({ text, regions }: { text: string; regions: Region[] }) {
  const classes = useClasses();
  const spans = regions.filter((r) => r.form === "span").map((r) => ({ start: r.start ?? 0, end: r.end ?? 0, labels: r.labels }));
  return (
    <div className="content">
      {pieces(text, spans).map((p, k) =>
        p.labels.length ? (
          <mark key={k} className={`k${colourOf(p.labels[0] ?? "", classes)}`}>
            {p.text}
            <sup>{p.labels.join(", ")}</sup>
          </mark>
        ) : (
          <span key={k}>{p.text}</span>
        ),
      )}
    </div>
  );
}

function Picture({ source, regions, name }: { source: string; regions: Region[]; name: string }) {
  return (
    <div className="picture">
      <img src={source} alt={name} loading="lazy" />
      <Shapes100 regions={regions} />
    </div>
  );
}

/** Geometry in percent of the picture, in the colours of the classes or of those who drew it. */
function Shapes100({ regions }: { regions: Region[] }) {
  const classes = useClasses();
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      {regions.map((r, k) => (
        <g key={k} className={`s-k${r.tone ?? colourOf(r.labels[0] ?? "", classes)}`}>
          <title>{[r.by, r.labels.join(", ")].filter(Boolean).join(": ")}</title>
          <Shape r={r} />
        </g>
      ))}
    </svg>
  );
}

function Shape({ r }: { r: Region }) {
  const turn = r.rotation ? `rotate(${r.rotation} ${r.x ?? 0} ${r.y ?? 0})` : undefined;
  if (r.form === "rect") return <rect x={r.x ?? 0} y={r.y ?? 0} width={r.width ?? 0} height={r.height ?? 0} transform={turn} />;
  if (r.form === "ellipse") return <ellipse cx={r.x ?? 0} cy={r.y ?? 0} rx={r.width ?? 0} ry={r.height ?? 0} transform={turn} />;
  if (r.form === "polygon") return <polygon points={(r.points ?? []).map((p) => p.join(",")).join(" ")} />;
  if (r.form === "point") return <circle cx={r.x ?? 0} cy={r.y ?? 0} r={1} />;
  return null;
}

/** Stretches of time of one answer, on the line of the longest end that anybody drew. */
export function Track({ regions, end }: { regions: Region[]; end: number }) {
  const classes = useClasses();
  const stretches = regions.filter((r) => r.form === "segment");
  if (!stretches.length) return null;
  return (
    <div className="track">
      {stretches.map((r, k) => (
        <span
          key={k}
          className={`k${colourOf(r.labels[0] ?? "", classes)}`}
          style={{ left: `${(100 * (r.start ?? 0)) / end}%`, width: `${Math.max(0.8, (100 * ((r.end ?? 0) - (r.start ?? 0))) / end)}%` }}
          title={`${r.labels.join(", ")}: ${r.start} to ${r.end}`}
        >
          {r.labels.join(", ")}
        </span>
      ))}
    </div>
  );
}

export function Labels({ of }: { of: Record<string, string> }) {
  const names = Object.entries(of);
  if (!names.length) return <span className="muted">no answer</span>;
  return (
    <div className="stack tight">
      {names.map(([control, label]) => (
        <div key={control} className="row tight">
          {label.split(" + ").map((part) => (
            <ClassChip key={part} name={part} />
          ))}
          {names.length > 1 ? <span className="small muted">{control}</span> : null}
        </div>
      ))}
    </div>
  );
}
