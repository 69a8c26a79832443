import { useEffect, useSyncExternalStore } from "react";
import { type Shapes, queries } from "./client";

export type Job = Shapes["Job"];

let jobs: readonly Job[] = [];
const listeners = new Set<() => void>();

function moved(job: Job): void {
  jobs = [...jobs.filter((j) => j.id !== job.id), job].slice(-20);
  listeners.forEach((tell) => tell());
  if (job.state !== "running") void queries.invalidateQueries();
}

/** A job that this page started is shown before its first event comes. */
export function follow(job: Job): void {
  moved(job);
}

export function useJobs(): readonly Job[] {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => jobs,
  );
}

/** Server-sent events: what was made anew is asked anew. The browser connects again by itself. */
export function useLive(on: boolean): void {
  useEffect(() => {
    if (!on) return undefined;
    const source = new EventSource("/api/v1/events");
    source.addEventListener("views", () => void queries.invalidateQueries());
    source.addEventListener("job", (event) => {
      const job = JSON.parse((event as MessageEvent<string>).data) as Job;
      // Work that was over before this page was opened is no news.
      if (job.state !== "done" || jobs.some((j) => j.id === job.id)) moved(job);
    });
    return () => source.close();
  }, [on]);
}
