import { send, useChange } from "../api/client";
import { Trouble } from "./basics";

/** One click: the item is brought to an expert's review desk, and opens there in Label Studio. */
export function InLabelStudio({ item, primary = false }: { item: string; primary?: boolean }) {
  const open = useChange(async (tab: Window | null) => {
    try {
      const task = await send("post", "/items/{item}/review", { item });
      if (tab) tab.location.href = task.url;
      return task;
    } catch (problem) {
      tab?.close();
      throw problem;
    }
  });
  return (
    <div className="stack tight">
      <div className="row tight">
        {/* The tab is opened by the click itself: one that is opened after an answer is taken for a pop-up. */}
        <button type="button" className={`button ${primary ? "primary" : ""}`} disabled={open.isPending} onClick={() => open.mutate(window.open("about:blank", "_blank"))}>
          {open.isPending ? "Bringing it to the desk …" : "Adjudicate in Label Studio ↗"}
        </button>
        {open.data ? (
          <span className="small muted">
            <a href={open.data.url} target="_blank" rel="noreferrer">
              At {open.data.name}'s review desk
            </a>
            : sign in there as {open.data.name}.
          </span>
        ) : null}
      </div>
      {open.error ? <Trouble error={open.error} /> : null}
    </div>
  );
}
