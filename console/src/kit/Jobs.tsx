import { useState } from "react";
import { send } from "../api/client";
import { useJobs } from "../api/live";
import { count } from "../logic/numbers";


/** Long work, wherever one is: how far it is, how it ended, and a way to stop it. */
export function Jobs() {
  const jobs = useJobs();
  const [closed, setClosed] = useState<readonly string[]>([]);
  const shown = jobs.filter((j) => !closed.includes(j.id)).slice(-3);
  return (
    <div className="toasts" aria-live="polite">
      {shown.map((job) => (
        <div key={job.id} className="toast">
          <div className="row between tight">
            <b>{job.title}</b>
            {job.state === "running" ? (
              <button type="button" className="button small" onClick={() => void send("delete", "/jobs/{job}", { job: job.id })}>
                Cancel
              </button>
            ) : (
              <button type="button" className="button small" aria-label="Close this message" onClick={() => setClosed([...closed, job.id])}>
                ✕
              </button>
            )}
          </div>
          {job.state === "running" ? (
            <>
              <span className="muted">
                {job.step || "Starting"} {job.total ? `${count(job.done)} of ${count(job.total)}` : job.done ? count(job.done) : "…"}
              </span>
              <div className="meter">
                <span style={{ width: job.total ? `${(100 * job.done) / job.total}%` : "35%" }} />
              </div>
            </>
          ) : (
            <span className={job.state === "done" ? "" : "muted"}>{job.state === "done" ? "✓ Done" : `${job.message ?? job.state}. ${job.next_step ?? ""}`}</span>
          )}
        </div>
      ))}
    </div>
  );
}

