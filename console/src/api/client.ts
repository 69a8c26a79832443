import { QueryClient, keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import type { components, paths } from "./schema";

export type Shapes = components["schemas"];
export type Problem = Shapes["Problem"];

/** An answer of the API that is no success: what happened, and what to do next. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.message);
  }
}

let csrf = "";

/** Kept in memory only: the token that shows that this page is ours. */
export function rememberProtection(token: string | null | undefined): void {
  csrf = token ?? "";
}

type Method = "get" | "post" | "put" | "patch" | "delete";
type PathsWith<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never }[keyof paths];
type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;
type Success<R> = R extends { 200: infer A } ? Json<A> : R extends { 201: infer A } ? Json<A> : R extends { 202: infer A } ? Json<A> : undefined;
export type Answer<P extends keyof paths, M extends Method> = paths[P][M] extends { responses: infer R } ? Success<R> : never;
type Body<P extends keyof paths, M extends Method> = paths[P][M] extends { requestBody: { content: { "application/json": infer B } } } ? B : undefined;
export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>;

/** `/items/{item}/detail` with its names filled in, and a query. Slashes in an item's id stay the id's. */
export function address(path: string, names: Record<string, string> = {}, query: Query = {}): string {
  const filled = path.replace(/\{(\w+)(?::path)?\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ""));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) value.forEach((v) => search.append(key, v));
    else if (value !== null && value !== undefined && value !== "" && value !== false) search.set(key, String(value));
  }
  const text = search.toString();
  return `/api/v1${filled}${text ? `?${text}` : ""}`;
}

async function ask(method: Method, url: string, body?: unknown): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const form = body instanceof FormData;
  if (method !== "get") headers["X-Labelwright-CSRF"] = csrf;
  if (body !== undefined && !form) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(url, { method: method.toUpperCase(), headers, body: form ? body : body === undefined ? null : JSON.stringify(body) });
  } catch {
    throw new ApiError(0, { code: "outside", message: "Labelwright's server cannot be reached", next_step: "Start it: labelwright up" });
  }
  if (response.status === 204) return undefined;
  const found: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const problem = (found as Problem | null) ?? { code: "outside", message: `The server answered ${response.status}`, next_step: "Try again" };
    throw new ApiError(response.status, problem);
  }
  return found;
}

export function read<P extends PathsWith<"get">>(path: P, names?: Record<string, string>, query?: Query): Promise<Answer<P, "get">> {
  return ask("get", address(path as string, names, query)) as Promise<Answer<P, "get">>;
}

export function send<M extends Exclude<Method, "get">, P extends PathsWith<M>>(
  method: M,
  path: P,
  names?: Record<string, string>,
  body?: Body<P, M> | FormData,
): Promise<Answer<P, M>> {
  return ask(method, address(path as string, names), body) as Promise<Answer<P, M>>;
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 20_000,
      placeholderData: keepPreviousData,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
  },
});

/** One view of the API, kept in the query cache and asked anew when an event says so. */
export function useApi<P extends PathsWith<"get">>(path: P, names: Record<string, string> = {}, query: Query = {}, enabled = true) {
  return useQuery<Answer<P, "get">, ApiError>({ queryKey: [path, names, query], queryFn: () => read(path, names, query), enabled });
}

/** A change; whatever it may have touched is asked anew. */
export function useChange<In, Out>(work: (value: In) => Promise<Out>, after?: (out: Out) => void) {
  return useMutation<Out, ApiError, In>({
    mutationFn: work,
    onSuccess: async (out) => {
      await queries.invalidateQueries();
      after?.(out);
    },
  });
}
