// The console's API: the shapes of /openapi.json, and the calls.

export interface Person {
  id: string;
  name: string | null;
}

export interface Account {
  id: string;
  name: string;
  display_name: string;
  role: "agent" | "admin";
}

export type Owner = "bot" | "queue" | "agent" | "closed";

export interface Conversation {
  id: string;
  channel: string;
  address: string;
  owner: Owner;
  agent: Person | null;
  language: string;
  customer: Person | null;
  handoff: string | null;
  flow: { name: string; slots: Record<string, string>; asking: string | null } | null;
  created_at: string;
  updated_at: string;
  seq: number;
}

export interface Delivery {
  state: "pending" | "sent" | "dead";
  attempts: number;
  error: string | null;
}

export interface Attachment {
  name: string;
  content_type: string;
  size: number | null;
  blob: string | null;
  error?: string | null;
}

export interface Understanding {
  language: { code: string; confidence: number };
  intent: { name: string; confidence: number } | null;
  ranking: { name: string; confidence: number }[];
  entities: { entity: string; value: string; start: number; end: number }[];
  in_scope: boolean;
  sentiment: { label: string; score: number; anger: number; urgency: number } | null;
}

export interface Message {
  id: string;
  seq: number;
  author: "customer" | "bot" | "agent" | "system";
  author_name: string | null;
  at: string;
  text: string;
  language: string;
  buttons: { label: string; value: string }[];
  attachments: Attachment[];
  internal: boolean;
  decision: string | null;
  edited_at: string | null;
  delivery: Delivery | null;
  understanding: Understanding | null;
}

export interface Handoff {
  id: string;
  reason: string;
  state: "waiting" | "claimed" | "done";
  opened_at: string;
  language: string;
  intent: string | null;
  slots: Record<string, string>;
  urgent: boolean;
  agent: Person | null;
  claimed_at: string | null;
}

export interface Summary {
  conversation: Conversation;
  last: Message | null;
  handoff: Handoff | null;
}

export interface Opened {
  conversation: Conversation;
  customer: Person | null;
  messages: Message[];
  handoff: Handoff | null;
}

export interface DeadLetter {
  message: Message;
  conversation: string;
  address: string;
  channel: string;
  error: string | null;
  attempts: number;
}

export interface Failure {
  seq: number;
  channel: string;
  event: string;
  error: string;
  at: string;
}

export interface ModelVersion {
  name: string;
  created_at: string | null;
  kind: "frozen" | "deep" | null;
  languages: Record<string, number>;
  examples: number;
  intents: number;
  left_out: number | null;
  parent: string | null;
  problem: string | null;
}

export interface Tally {
  judged: number;
  agreed: number;
  share: number | null;
}

export interface Verdict {
  version: string;
  intent: string | null;
  confidence: number;
  in_scope: boolean;
}

export interface Disagreement {
  message: string;
  conversation: string;
  at: string;
  language: string;
  text: string;
  champion: Verdict;
  challenger: Verdict | null;
  error: string | null;
}

export interface Agreement {
  total: Tally;
  by_language: Record<string, Tally>;
  failed: number;
  dropped: number;
  disagreements: Disagreement[];
}

export interface Models {
  versions: ModelVersion[];
  champion: string | null;
  challenger: string | null;
  previous: string | null;
  problem: string | null;
  challenger_problem: string | null;
  agreement: Agreement | null;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfter: number | undefined,
  ) {
    super(message);
  }
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const isForm = body instanceof FormData;
  const response = await fetch(`/api/v1${path}`, {
    method,
    credentials: "same-origin",
    headers: {
      // A page of another site cannot send this header: it shows the server that the request is ours.
      "X-Requested-With": "babeldesk",
      ...(body === undefined || isForm ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  });
  if (!response.ok) {
    const problem = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
    const wait = response.headers.get("Retry-After");
    throw new ApiError(
      response.status,
      problem?.error?.message ?? response.statusText,
      wait ? Number(wait) : undefined,
    );
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

const of = (id: string): string => `/conversations/${encodeURIComponent(id)}`;

export const api = {
  me: () => call<{ user: Account }>("GET", "/session"),
  signIn: (name: string, password: string) => call<{ user: Account }>("POST", "/session", { name, password }),
  signOut: () => call<void>("DELETE", "/session"),
  changePassword: (old: string, fresh: string) => call<void>("POST", "/session/password", { old, new: fresh }),
  queue: () => call<{ items: Summary[]; now: string }>("GET", "/queue"),
  list: (owner: string, before?: string, agent?: string) =>
    call<{ items: Summary[]; next: string | null }>(
      "GET",
      `/conversations?${new URLSearchParams({ owner, ...(before ? { before } : {}), ...(agent ? { agent } : {}) })}`,
    ),
  open: (id: string, after = 0) => call<Opened>("GET", `${of(id)}?after=${after}`),
  claim: (id: string) => call<{ conversation: Conversation }>("POST", `${of(id)}/claim`),
  reply: (id: string, text: string, attachments: Attachment[]) =>
    call<{ conversation: Conversation }>("POST", `${of(id)}/reply`, {
      text,
      attachments: attachments.map(({ blob, name, content_type, size }) => ({ blob, name, content_type, size })),
    }),
  giveBack: (id: string) => call<{ conversation: Conversation }>("POST", `${of(id)}/return`),
  close: (id: string) => call<{ conversation: Conversation }>("POST", `${of(id)}/close`),
  typing: (id: string) => call<void>("POST", `${of(id)}/typing`),
  upload: (file: File) => {
    const form = new FormData();
    form.append("file", file, file.name);
    return call<Attachment>("POST", "/files", form);
  },
  deadLetters: () => call<{ items: DeadLetter[] }>("GET", "/dead-letters"),
  retry: (message: string) => call<void>("POST", `/dead-letters/${encodeURIComponent(message)}/retry`),
  failures: () => call<{ items: Failure[] }>("GET", "/failures"),
  status: () => call<{ components: Record<string, string | null> }>("GET", "/status"),
  models: () => call<Models>("GET", "/models"),
  promoteModel: (version: string) => call<Models>("POST", "/models/promote", { version }),
  rollbackModel: () => call<Models>("POST", "/models/rollback"),
  challengeModel: (version: string | null) => call<Models>("POST", "/models/challenge", { version }),
  users: () => call<{ items: Account[] }>("GET", "/users"),
  addUser: (user: { name: string; display_name: string; role: string; password: string }) =>
    call<{ user: Account }>("POST", "/users", user),
  changeUser: (id: string, change: { display_name?: string; role?: string; password?: string }) =>
    call<{ user: Account }>("PATCH", `/users/${encodeURIComponent(id)}`, change),
};

export function fileUrl(attachment: Attachment): string {
  const query = new URLSearchParams({ name: attachment.name, type: attachment.content_type });
  return `/api/v1/files/${encodeURIComponent(attachment.blob ?? "")}?${query}`;
}
