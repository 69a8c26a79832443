import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { csv, save } from "../logic/csv";
import { figure } from "../logic/numbers";

export interface Point {
  name: string;
  value: number | null;
  low?: number | null;
  high?: number | null;
}

export interface Series {
  name: string;
  points: Point[];
  kind?: "line" | "bar";
  muted?: boolean;
  /** Points so close that an interval each would be a thicket: drawn as a band. */
  band?: boolean;
}

function useDark(): boolean {
  return useSyncExternalStore(
    (tell) => {
      const media = matchMedia("(prefers-color-scheme: dark)");
      media.addEventListener("change", tell);
      addEventListener("labelwright-theme", tell);
      return () => {
        media.removeEventListener("change", tell);
        removeEventListener("labelwright-theme", tell);
      };
    },
    () => document.documentElement.dataset["theme"] === "dark" || (document.documentElement.dataset["theme"] !== "light" && matchMedia("(prefers-color-scheme: dark)").matches),
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);
}

interface Props {
  label: string;
  series: Series[];
  format?: (v: number) => string;
  from?: number;
  to?: number;
  low?: boolean;
  /** The axis begins near the lowest value, not at 0: for lines, whose length says nothing. */
  near?: boolean;
  table?: ReactNode;
}

/** A chart with intervals; its table is one click away and always there for who cannot see it. */
export function Chart({ label, series, format = (v) => figure(v), from, to, low = false, near = false, table }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const dark = useDark();
  const [asTable, setAsTable] = useState(false);
  const known = JSON.stringify(series);
  useEffect(() => {
    if (asTable || !box.current) return undefined;
    const target = box.current;
    let gone = false;
    let end = (): void => undefined;
    void import("./echarts").then(({ init }) => {
      if (gone) return;
      const chart = init(target, null, { renderer: "canvas" });
      chart.setOption(option(target, series, format, from, to, near));
      const watch = new ResizeObserver(() => chart.resize());
      watch.observe(target);
      end = () => {
        watch.disconnect();
        chart.dispose();
      };
    });
    return () => {
      gone = true;
      end();
    };
    // The series are compared by what they hold.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [known, dark, asTable, from, to, near]);
  return (
    <figure className="stack tight">
      {asTable ? table ?? <Points series={series} format={format} label={label} /> : <div ref={box} className={`chart ${low ? "low" : ""}`} role="img" aria-label={`${label}. The table holds the same numbers.`} />}
      <div className="row between">
        <figcaption className="small muted">{label}</figcaption>
        <span className="row tight nowrap">
          <button type="button" className="button plain small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? "Chart" : "Table"}
          </button>
          <button type="button" className="button plain small" aria-label={`Download ${label} as CSV`} onClick={() => save(label, csv(HEADER, rowsOf(series)))}>
            ↓ CSV
          </button>
        </span>
      </div>
    </figure>
  );
}

const HEADER = ["series", "at", "value", "low", "high"];

function rowsOf(series: Series[]): unknown[][] {
  return series.flatMap((s) => s.points.map((p) => [s.name, p.name, p.value, p.low ?? null, p.high ?? null]));
}

function Points({ series, format, label }: { series: Series[]; format: (v: number) => string; label: string }) {
  const names = [...new Set(series.flatMap((s) => s.points.map((p) => p.name)))];
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="data">
        <thead>
          <tr>
            <th>at</th>
            {series.map((s) => (
              <th key={s.name} className="num">
                {s.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <td>{name}</td>
              {series.map((s) => {
                const p = s.points.find((q) => q.name === name);
                const interval = p?.low !== null && p?.low !== undefined && p.high !== null && p.high !== undefined ? ` (${format(p.low)} to ${format(p.high)})` : "";
                return (
                  <td key={s.name} className="num">
                    {p?.value === null || p === undefined ? "–" : format(p.value) + interval}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The room between low and high: the lower end invisible, the difference filled above it. */
function bands(s: Series, names: string[], hue: string): Record<string, unknown>[] {
  const of = new Map(s.points.map((p) => [p.name, p]));
  const rest = { type: "line", stack: `band ${s.name}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, z: 1 };
  const low = names.map((n) => of.get(n)?.low ?? null);
  const room = names.map((n) => {
    const p = of.get(n);
    return p?.low === null || p?.low === undefined || p.high === null || p.high === undefined ? null : p.high - p.low;
  });
  return [
    { ...rest, name: `${s.name} low`, data: low },
    { ...rest, name: `${s.name} high`, data: room, areaStyle: { color: hue, opacity: 0.16 } },
  ];
}

function option(target: HTMLElement, series: Series[], format: (v: number) => string, from: number | undefined, to: number | undefined, near: boolean): Record<string, unknown> {
  const style = getComputedStyle(target);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const names = [...new Set(series.flatMap((s) => s.points.map((p) => p.name)))];
  const text = { color: colour("--muted"), fontSize: 11.5, fontFamily: style.fontFamily };
  const drawn = series.flatMap((s) => {
    const hue = s.muted ? colour("--faint") : colour("--accent");
    const byName = new Map(s.points.map((p) => [p.name, p]));
    const main = {
      name: s.name,
      type: s.kind ?? "line",
      data: names.map((n) => byName.get(n)?.value ?? null),
      itemStyle: { color: hue, borderRadius: s.kind === "bar" ? [3, 3, 0, 0] : 0 },
      lineStyle: { color: hue, width: 2, type: s.muted ? "dashed" : "solid" },
      symbol: "circle",
      symbolSize: 7,
      showSymbol: !s.band,
      barMaxWidth: 26,
      connectNulls: true,
      z: 3,
    };
    const whiskers = {
      name: s.name,
      type: "custom",
      silent: true,
      z: 2,
      encode: { x: 0, y: [1, 2] },
      data: names.map((n, k) => [k, byName.get(n)?.low ?? null, byName.get(n)?.high ?? null]),
      renderItem: (_: unknown, api: { value: (i: number) => number; coord: (p: [number, number]) => [number, number] }) => {
        if (Number.isNaN(api.value(1)) || Number.isNaN(api.value(2))) return null;
        const a = api.coord([api.value(0), api.value(1)]);
        const b = api.coord([api.value(0), api.value(2)]);
        const stroke = { stroke: hue, lineWidth: 1.5, opacity: 0.55 };
        return {
          type: "group",
          children: [
            { type: "line", shape: { x1: a[0], y1: a[1], x2: b[0], y2: b[1] }, style: stroke },
            { type: "line", shape: { x1: a[0] - 4, y1: a[1], x2: a[0] + 4, y2: a[1] }, style: stroke },
            { type: "line", shape: { x1: b[0] - 4, y1: b[1], x2: b[0] + 4, y2: b[1] }, style: stroke },
          ],
        };
      },
    };
    if (!s.points.some((p) => p.low !== null && p.low !== undefined)) return [main];
    return s.band ? [main, ...bands(s, names, hue)] : [main, whiskers];
  });
  const told = (k: number): string =>
    `<b>${escaped(names[k] ?? "")}</b><br>${series
      .map((s) => {
        const p = s.points.find((q) => q.name === names[k]);
        if (!p || p.value === null) return "";
        const interval = p.low !== null && p.low !== undefined && p.high !== null && p.high !== undefined ? ` (${format(p.low)} to ${format(p.high)})` : "";
        return `${escaped(s.name)}: ${escaped(format(p.value) + interval)}`;
      })
      .filter(Boolean)
      .join("<br>")}`;
  return {
    animation: false,
    textStyle: text,
    grid: { left: 8, right: 12, top: series.length > 1 ? 30 : 12, bottom: 4, containLabel: true },
    legend: series.length > 1 ? { top: 0, left: 0, itemWidth: 14, itemHeight: 8, textStyle: text, data: series.map((s) => s.name) } : undefined,
    xAxis: { type: "category", data: names, axisLine: { lineStyle: { color: colour("--line-strong") } }, axisTick: { show: false }, axisLabel: { ...text, hideOverlap: true } },
    yAxis: { type: "value", splitNumber: target.clientHeight < 160 ? 3 : 5, min: from, max: to, scale: near, splitLine: { lineStyle: { color: colour("--line") } }, axisLabel: { ...text, formatter: (v: number) => format(v) } },
    tooltip: {
      trigger: "axis",
      className: "chart-tip",
      renderMode: "html",
      backgroundColor: colour("--ink"),
      borderWidth: 0,
      textStyle: { color: colour("--bg"), fontSize: 12.5 },
      formatter: (found: { dataIndex: number }[]) => told(found[0]?.dataIndex ?? 0),
    },
    series: drawn,
  };
}
