// Calls to the server, typed by its own description (`openapi.json`).

import createClient, { type Middleware } from "openapi-fetch";
import type { Filter, Sort, View } from "../inbox/lists";
import { readProblem } from "./errors";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Account = Schemas["Account"];
export type Agent = Schemas["AgentView"];
export type Agents = Schemas["AgentsView"];
export type Audited = Schemas["AuditView"];
export type Attribute = Schemas["AttributeView"];
export type Attachment = Schemas["AttachmentView"];
export type Canned = Schemas["CannedView"];
export type Conversation = Schemas["Conversation"];
export type Opened = Schemas["Opened"];
export type Delivery = Schemas["DeliveryView"];
export type Decide = Schemas["DecideBody"];
export type Disagreement = Schemas["DisagreementView"];
export type Agreement = Schemas["AgreementView"];
export type Doubt = Schemas["DoubtView"];
export type DoubtGroup = Schemas["GroupView"];
export type Figures = Schemas["FiguresView"];
export type FoundCustomer = Schemas["FoundCustomerView"];
export type Found = Schemas["FoundView"];
export type Handoff = Schemas["Handoff"];
export type InboxItem = Schemas["InboxItem"];
export type InboxPage = Schemas["InboxPage"];
export type Label = Schemas["LabelView"];
export type Mentions = Schemas["MentionsView"];
export type Mention = Schemas["MentionView"];
export type Message = Schemas["Message"];
export type ModelVersion = Schemas["VersionView"];
export type Models = Schemas["ModelsView"];
export type OwnSlack = Schemas["OwnSlackView"];
export type Owner = Conversation["owner"];
export type Presence = Schemas["PresenceView"];
export type PresenceState = Presence["state"];
export type Profile = Schemas["ProfileView"];
export type Review = Schemas["ReviewView"];
export type Role = Account["role"];
export type Skill = Schemas["SkillView"];
export type Spread = Schemas["SpreadView"];
export type Stored = Schemas["Stored"];
export type Summary = Schemas["Summary"];
export type Team = Schemas["TeamView"];
export type Token = Schemas["TokenView"];
export type Verdict = Schemas["VerdictView"];

/** Which changes are wanted of the audit log; moments as ISO 8601 with an offset. */
export interface AuditQuery {
  actor?: string;
  action?: string;
  since?: string;
  until?: string;
}
export type FiguresQuery = NonNullable<paths["/api/v1/figures"]["get"]["parameters"]["query"]>;
export type ReviewQuery = NonNullable<paths["/api/v1/review"]["get"]["parameters"]["query"]>;
type FilterQuery = Partial<Record<Filter, string>>;

const refused: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) {
      throw readProblem(response, await response.json().catch(() => null));
    }
  },
};

export const client = createClient<paths>({
  credentials: "same-origin",
  // A page of another site cannot send this header: it shows the server that the request is ours.
  headers: { "X-Requested-With": "babeldesk" },
});
client.use(refused);

export const OURS = { header: { "X-Requested-With": "babeldesk" } } as const;

/** What a call that did not fail has given. */
export async function given<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

export const ofConversation = (id: string) => ({ params: { ...OURS, path: { id } } });

export const api = {
  me: () => given(client.GET("/api/v1/session")).then(({ user }) => user),
  signIn: (name: string, password: string) =>
    given(client.POST("/api/v1/session", { params: OURS, body: { name, password } })).then(({ user }) => user),
  signOut: () => given(client.DELETE("/api/v1/session", { params: OURS })),
  changePassword: (old: string, fresh: string) =>
    given(client.POST("/api/v1/session/password", { params: OURS, body: { old, new: fresh } })),

  presence: () => given(client.GET("/api/v1/presence")),
  setPresence: (state: PresenceState) => given(client.POST("/api/v1/presence", { params: OURS, body: { state } })),
  agents: () => given(client.GET("/api/v1/agents")),
  describeAgent: (id: string, body: Schemas["AgentBody"]) =>
    given(client.PATCH("/api/v1/agents/{id}", { ...ofConversation(id), body })),
  teams: () => given(client.GET("/api/v1/teams")),
  addTeam: (body: Schemas["TeamBody"]) => given(client.POST("/api/v1/teams", { params: OURS, body })),
  changeTeam: (id: string, body: Schemas["TeamChangeBody"]) =>
    given(client.PATCH("/api/v1/teams/{id}", { ...ofConversation(id), body })),
  removeTeam: (id: string) => given(client.DELETE("/api/v1/teams/{id}", ofConversation(id))),
  skills: () => given(client.GET("/api/v1/skills")),
  addSkill: (body: Schemas["SkillBody"]) => given(client.POST("/api/v1/skills", { params: OURS, body })),
  changeSkill: (name: string, body: Schemas["SkillChangeBody"]) =>
    given(client.PATCH("/api/v1/skills/{id}", { ...ofConversation(name), body })),
  removeSkill: (name: string) => given(client.DELETE("/api/v1/skills/{id}", ofConversation(name))),

  inbox: (query: { view: View; sort: Sort; cursor?: string } & FilterQuery) =>
    given(client.GET("/api/v1/inbox", { params: { query } })),
  counts: (query: FilterQuery) => given(client.GET("/api/v1/inbox/counts", { params: { query } })),
  search: (query: { q: string; cursor?: string } & FilterQuery) =>
    given(client.GET("/api/v1/search", { params: { query } })) as Promise<Schemas["FoundPageView"]>,
  read: (id: string, seq: number) =>
    given(client.POST("/api/v1/conversations/{id}/read", { ...ofConversation(id), body: { seq, back: false } })),
  conversation: (id: string, after: number) =>
    given(client.GET("/api/v1/conversations/{id}", { params: { path: { id }, query: { after } } })),
  claim: (id: string) => given(client.POST("/api/v1/conversations/{id}/claim", ofConversation(id))),
  giveBack: (id: string) => given(client.POST("/api/v1/conversations/{id}/return", ofConversation(id))),
  close: (id: string) => given(client.POST("/api/v1/conversations/{id}/close", ofConversation(id))),
  assign: (id: string, agent: string) =>
    given(client.POST("/api/v1/conversations/{id}/assign", { ...ofConversation(id), body: { agent } })),
  transfer: (id: string, team: string) =>
    given(client.POST("/api/v1/conversations/{id}/transfer", { ...ofConversation(id), body: { team } })),
  snooze: (id: string, until: string | null) =>
    given(client.POST("/api/v1/conversations/{id}/snooze", { ...ofConversation(id), body: { until } })),
  wake: (id: string) => given(client.POST("/api/v1/conversations/{id}/wake", ofConversation(id))),
  typing: (id: string) => given(client.POST("/api/v1/conversations/{id}/typing", ofConversation(id))),
  reply: (id: string, text: string, attachments: Stored[]) =>
    given(client.POST("/api/v1/conversations/{id}/reply", { ...ofConversation(id), body: { text, attachments } })),
  note: (id: string, text: string) =>
    given(client.POST("/api/v1/conversations/{id}/notes", { ...ofConversation(id), body: { text } })),
  tagsOf: (id: string) => given(client.GET("/api/v1/conversations/{id}/tags", { params: { path: { id } } })),
  changeTags: (id: string, add: string[], remove: string[]) =>
    given(client.POST("/api/v1/conversations/{id}/tags", { ...ofConversation(id), body: { add, remove } })),
  tags: () => given(client.GET("/api/v1/tags")),
  canned: () => given(client.GET("/api/v1/canned")),
  rendered: (id: string, reply: string) =>
    given(client.GET("/api/v1/conversations/{id}/canned/{reply}", { params: { path: { id, reply } } })),
  suggestions: (id: string) =>
    given(client.GET("/api/v1/conversations/{id}/suggestions", { params: { path: { id } } })),
  ratings: (id: string) => given(client.GET("/api/v1/conversations/{id}/ratings", { params: { path: { id } } })),

  profile: (id: string) => given(client.GET("/api/v1/customers/{id}", { params: { path: { id } } })),
  changeAttributes: (id: string, body: Schemas["AttributesBody"]) =>
    given(client.PATCH("/api/v1/customers/{id}/attributes", { ...ofConversation(id), body })),

  upload: (file: File) => {
    const form = new FormData();
    form.append("file", file, file.name);
    // The description has no type for a form's body.
    return given(client.POST("/api/v1/files", { params: OURS, body: form as never, bodySerializer: () => form }));
  },

  deadLetters: () => given(client.GET("/api/v1/dead-letters")),
  retry: (message: string) =>
    given(client.POST("/api/v1/dead-letters/{message}/retry", { params: { ...OURS, path: { message } } })),
  failures: () => given(client.GET("/api/v1/failures")),
  status: () => given(client.GET("/api/v1/status")),

  models: () => given(client.GET("/api/v1/models")),
  rollbackModel: () => given(client.POST("/api/v1/models/rollback", { params: OURS })),
  challengeModel: (version: string | null) =>
    given(client.POST("/api/v1/models/challenge", { params: OURS, body: { version } })),

  audit: (query: AuditQuery & { before?: number }) =>
    // It is also had as CSV, for which the description has no type.
    given(client.GET("/api/v1/audit", { params: { query } })) as Promise<Schemas["AuditPage"]>,

  tokens: (user?: string) => given(client.GET("/api/v1/tokens", { params: { query: user ? { user } : {} } })),
  addToken: (body: Schemas["NewTokenBody"]) => given(client.POST("/api/v1/tokens", { params: OURS, body })),
  revokeToken: (id: string) => given(client.DELETE("/api/v1/tokens/{id}", ofConversation(id))),
  browsers: () => given(client.GET("/api/v1/sessions")),
  signOutBrowser: (id: string) => given(client.DELETE("/api/v1/sessions/{id}", ofConversation(id))),
  slack: (code?: string) => given(client.GET("/api/v1/me/slack", { params: { query: code ? { code } : {} } })),
  linkSlack: (code: string) => given(client.POST("/api/v1/me/slack", { params: OURS, body: { code } })),
  unlinkSlack: () => given(client.DELETE("/api/v1/me/slack", { params: OURS })),
  figures: (query: FiguresQuery) => given(client.GET("/api/v1/figures", { params: { query } })),
  review: (query: ReviewQuery) => given(client.GET("/api/v1/review", { params: { query } })),
  labels: (limit: number) =>
    // It has other forms too, which are downloaded.
    given(client.GET("/api/v1/review/labels", { params: { query: { limit } } })).then(
      (labels) => labels as Schemas["LabelsView"],
    ),
  decide: (body: Decide) => given(client.POST("/api/v1/review/labels", { params: OURS, body })),
  undoLabels: (act: string) => given(client.DELETE("/api/v1/review/labels/{id}", ofConversation(act))),

  users: () => given(client.GET("/api/v1/users")),
  addUser: (body: Schemas["NewUserBody"]) => given(client.POST("/api/v1/users", { params: OURS, body })),
  /** A user, and the tag of this state of theirs. */
  user: async (id: string) => {
    const { data, response } = await client.GET("/api/v1/users/{id}", { params: { path: { id } } });
    return { user: (data as Schemas["AccountView"]).user, tag: response.headers.get("ETag") ?? "*" };
  },
  /** Refused with 412 if the user is no longer in the state of `tag`. */
  changeUser: (id: string, tag: string, body: Schemas["UserChangeBody"]) =>
    given(
      client.PATCH("/api/v1/users/{id}", {
        params: { path: { id }, header: { ...OURS.header, "If-Match": tag } },
        body,
      }),
    ),
};

/** The address of a file that the server makes of some figures or verdicts. */
export function exportUrl(path: keyof paths, query: Record<string, string | number | undefined>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]]));
  return `${path}?${new URLSearchParams(given)}`;
}

export function fileUrl(file: { blob: string | null; name: string; content_type: string }): string {
  const query = new URLSearchParams({ name: file.name, type: file.content_type });
  return `/api/v1/files/${encodeURIComponent(file.blob ?? "")}?${query}`;
}

export function auditFileUrl(query: AuditQuery): string {
  return `/api/v1/audit?${new URLSearchParams({ ...query, format: "csv" })}`;
}

export function transcriptUrl(id: string, format: "text" | "json", notes: boolean): string {
  const query = new URLSearchParams({ format, ...(notes ? { notes: "1" } : {}) });
  return `/api/v1/conversations/${encodeURIComponent(id)}/transcript?${query}`;
}
