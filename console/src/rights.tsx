import { createContext, useContext } from "react";
import type { Shapes } from "./api/client";

export type Me = Shapes["Me"];
export const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("Nobody is signed in");
  return me;
}

/** What the page may offer; the server decides again. */
export function useRights(): { read: boolean; review: boolean; manage: boolean; own: boolean } {
  const { scopes } = useMe();
  return { read: scopes.includes("read"), review: scopes.includes("review"), manage: scopes.includes("manage"), own: scopes.includes("own") };
}
