import { QueryClientProvider } from "@tanstack/react-query";
import { Link, Outlet, RouterProvider, createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { Tooltip } from "radix-ui";
import { StrictMode, useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { ApiError, queries, read, rememberProtection, send, useApi } from "./api/client";
import { useLive } from "./api/live";
import { ClassesContext, Empty, Trouble } from "./kit/basics";
import { Jobs } from "./kit/Jobs";
import { count } from "./logic/numbers";
import { itemSearch } from "./logic/search";
import { type Me, MeContext, useMe, useRights } from "./rights";
import "./style.css";
import { ByLink, Gate } from "./views/Gate";

setNonce(document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "");

const THEMES = ["system", "light", "dark"] as const;

function applyTheme(theme: string): void {
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
  dispatchEvent(new Event("labelwright-theme"));
}

function stored(): string {
  try {
    return localStorage.getItem("labelwright-theme") ?? "system";
  } catch {
    return "system";
  }
}
applyTheme(stored());

function Theme() {
  const [theme, setTheme] = useState(stored());
  return (
    <label className="row tight">
      <span className="muted">Look</span>
      <select
        aria-label="Look"
        value={theme}
        onChange={(e) => {
          setTheme(e.target.value);
          applyTheme(e.target.value);
          try {
            localStorage.setItem("labelwright-theme", e.target.value);
          } catch {
            // Without storage it holds for this page.
          }
        }}
      >
        {THEMES.map((t) => (
          <option key={t}>{t}</option>
        ))}
      </select>
    </label>
  );
}

const NAV = [
  ["/", "Overview"],
  ["/items", "Items"],
  ["/agreement", "Agreement"],
  ["/people", "People"],
  ["/review", "Review"],
  ["/rounds", "Rounds and models"],
  ["/datasets", "Datasets"],
  ["/guidelines", "Guidelines"],
  ["/setup", "Set-up"],
] as const;

function Shell() {
  const me = useMe();
  const may = useRights();
  useLive(true);
  const [open, setOpen] = useState(false);
  const overview = useApi("/overview", {}, {}, may.read);
  const states = overview.data?.progress.by_state ?? {};
  const contested = (states["contested"] ?? 0) + (states["review"] ?? 0);
  const classes = overview.data?.project.classes ?? [];
  const leave = (): void => void send("delete", "/session").finally(() => location.assign("/"));
  return (
    <ClassesContext.Provider value={classes}>
      <a className="skip" href="#main">
        To the content
      </a>
      <div className="shell">
        <div className={`side ${open ? "open" : ""}`}>
          <Link to={may.read ? "/" : "/me"} className="brand">
            <img src="/favicon.svg" alt="" /> Labelwright
          </Link>
          <button type="button" className="button small menu-button" aria-expanded={open} onClick={() => setOpen(!open)}>
            Menu
          </button>
          <nav aria-label="Views" onClick={() => setOpen(false)}>
            {may.read
              ? NAV.map(([to, name]) => (
                  <Link key={to} to={to} className="nav" activeProps={{ className: "active", "aria-current": "page" }} activeOptions={{ exact: to === "/", includeSearch: false }}>
                    {name}
                    {to === "/review" && contested ? <span className="count">{count(contested)}</span> : null}
                  </Link>
                ))
              : null}
            {me.annotator ? (
              <Link to="/me" className="nav" activeProps={{ className: "active" }}>
                My page
              </Link>
            ) : null}
            <Link to="/access" className="nav" activeProps={{ className: "active" }}>
              Access
            </Link>
          </nav>
          <div className="foot">
            <span>
              <b>{me.name}</b> <span className="muted">{me.role}</span>
            </span>
            <Theme />
            <button type="button" className="button small" onClick={leave}>
              Sign out
            </button>
          </div>
        </div>
        <main className="main" id="main">
          {overview.data?.project.simulated ? (
            <p className="banner" style={{ marginBottom: 16 }}>
              {overview.data.project.simulated}
            </p>
          ) : null}
          <Outlet />
        </main>
      </div>
      <Jobs />
    </ClassesContext.Provider>
  );
}

/** The frame while nobody knows yet what to fill it with; index.html begins with the same. */
function Starting() {
  return (
    <div className="shell" aria-busy="true">
      <div className="side">
        <span className="brand">
          <img src="/favicon.svg" alt="" /> Labelwright
        </span>
      </div>
      <main className="main" />
    </div>
  );
}

const root = createRootRoute({
  component: Shell,
  errorComponent: ({ error }) => <Trouble error={error} />,
  notFoundComponent: () => (
    <Empty title="There is no such page" action={<Link className="button" to="/">To the overview</Link>}>
      The link may be of an older version.
    </Empty>
  ),
});

let who: Me | null = null;
/** Annotators have their own page and nothing else. */
const readers = (): void => {
  if (who && !who.scopes.includes("read")) throw redirect({ to: "/me" });
};
const route = <const P extends string>(path: P, load: () => Promise<Record<string, unknown>>, name = "default") =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load as () => Promise<Record<string, React.ComponentType>>, name), beforeLoad: readers });

const tree = root.addChildren([
  route("/", () => import("./views/Overview")),
  createRoute({ getParentRoute: () => root, path: "/items", validateSearch: itemSearch, component: lazyRouteComponent(() => import("./views/Items")), beforeLoad: readers }),
  route("/items/$item", () => import("./views/Item")),
  createRoute({
    getParentRoute: () => root,
    path: "/agreement",
    validateSearch: (raw: Record<string, unknown>): { control?: string; pair?: string } => ({ ...(raw["control"] ? { control: String(raw["control"]) } : {}), ...(raw["pair"] ? { pair: String(raw["pair"]) } : {}) }),
    component: lazyRouteComponent(() => import("./views/Agreement")),
    beforeLoad: readers,
  }),
  route("/people", () => import("./views/People")),
  route("/people/$person", () => import("./views/Person")),
  route("/review", () => import("./views/Review")),
  route("/rounds", () => import("./views/Rounds")),
  route("/datasets", () => import("./views/Datasets")),
  route("/datasets/$name", () => import("./views/Datasets"), "DatasetPage"),
  route("/guidelines", () => import("./views/Guidelines")),
  route("/setup", () => import("./views/Setup")),
  createRoute({ getParentRoute: () => root, path: "/me", component: lazyRouteComponent(() => import("./views/Me")) }),
  createRoute({ getParentRoute: () => root, path: "/access", component: lazyRouteComponent(() => import("./views/Account")) }),
]);

/** Beside the shell: whoever holds a personal link is nobody in particular here. */
const ownRoot = createRootRoute({ errorComponent: ({ error }) => <Trouble error={error} />, notFoundComponent: () => null });
const ownRouter = createRouter({
  routeTree: ownRoot.addChildren([
    createRoute({ getParentRoute: () => ownRoot, path: "/own/$annotator/$signature", component: lazyRouteComponent(() => import("./views/Me"), "OwnPage") }),
  ]),
});

const router = createRouter({ routeTree: tree, defaultPreload: "intent", scrollRestoration: true });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

function App() {
  const [me, setMe] = useState<Me | null | undefined>(undefined);
  const [trouble, setTrouble] = useState<unknown>(null);
  const enter = useCallback((found: Me): void => {
    rememberProtection(found.csrf);
    who = found;
    queries.clear();
    // The frame stands until the page is there: a router that begins to load shows nothing.
    void router.load().finally(() => setMe(found));
  }, []);
  const secret = location.pathname.startsWith("/link/") ? decodeURIComponent(location.pathname.slice(6)) : null;
  const own = location.pathname.startsWith("/own/");
  useEffect(() => {
    if (secret || own) return;
    read("/session").then(enter, (error: unknown) => {
      if (error instanceof ApiError && error.status === 401) setMe(null);
      else setTrouble(error);
    });
  }, [enter, own, secret]);
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        const error: unknown = event.query.state.error;
        if (event.type === "updated" && error instanceof ApiError && error.status === 401) setMe(null);
      }),
    [],
  );
  if (trouble) return <main className="gate"><Trouble error={trouble} retry={() => location.reload()} /></main>;
  if (own) return <RouterProvider router={ownRouter as unknown as typeof router} />;
  if (me) return <MeContext.Provider value={me}><RouterProvider router={router} /></MeContext.Provider>;
  if (secret && me === undefined) return <ByLink secret={secret} />;
  return me === null ? <Gate enter={enter} /> : <Starting />;
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Tooltip.Provider>
        <App />
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
);
