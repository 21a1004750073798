// Who is signed in. When a session ends, the sign-in comes up over the page, and afterwards one is back there.

import { Center, Loader } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { type Account, api } from "../api/client";
import { sessionQuery } from "../api/queries";
import { forgetDrafts } from "../inbox/draft";
import { LoadFailed } from "../shared/states";
import { SignIn } from "./SignIn";
import classes from "./session.module.css";

interface Session {
  me: Account;
  /** The server no longer knows who asks. */
  ended: boolean;
  signOut: () => void;
  /** After every browser of this user was signed out, this one too. */
  signedOut: () => void;
}

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) {
    throw new Error("nobody is signed in here");
  }
  return session;
}

const watchers = new Set<() => void>();

/** Says that the server answered 401, or closed the socket for it. */
export function endSession(): void {
  for (const told of watchers) {
    told();
  }
}

export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const session = useQuery(sessionQuery);
  const [ended, setEnded] = useState(false);
  const me = session.data;

  useEffect(() => {
    const told = (): void => {
      modals.closeAll();
      setEnded(true);
    };
    watchers.add(told);
    return () => {
      watchers.delete(told);
    };
  }, []);

  const leave = useCallback(() => {
    if (me) {
      forgetDrafts(me.id);
    }
    client.clear();
    client.setQueryData(sessionQuery.queryKey, null);
    setEnded(false);
  }, [client, me]);

  const enter = (user: Account): void => {
    if (me && me.id !== user.id) {
      // Somebody else: nothing of what was read before is theirs.
      client.clear();
    }
    client.setQueryData(sessionQuery.queryKey, user);
    setEnded(false);
    void client.invalidateQueries({ predicate: (query) => query.queryKey !== sessionQuery.queryKey });
  };

  const value = useMemo<Session | null>(
    () => (me ? { me, ended, signedOut: leave, signOut: () => void api.signOut().finally(leave) } : null),
    [me, ended, leave],
  );

  if (me === undefined) {
    return session.error ? (
      <LoadFailed error={session.error} retry={() => void session.refetch()} />
    ) : (
      <Center mih="100dvh">
        <Loader />
      </Center>
    );
  }
  if (!value) {
    return <SignIn onSignedIn={enter} />;
  }
  return (
    <Context value={value}>
      {/* What somebody has begun stays as it is below the sign-in, unseen and out of reach. */}
      <div key={value.me.id} className={ended ? classes.below : undefined} inert={ended}>
        {children}
      </div>
      {ended && (
        <div className={classes.over}>
          <SignIn ended name={value.me.name} onSignedIn={enter} />
        </div>
      )}
    </Context>
  );
}
