// Calls to the server, typed by its own description (`openapi.json`).

import createClient, { type Middleware } from "openapi-fetch";
import { readProblem } from "./errors";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Account = Schemas["Account"];
export type Attachment = Schemas["AttachmentView"];
export type Conversation = Schemas["Conversation"];
export type Opened = Schemas["Opened"];
export type Delivery = Schemas["DeliveryView"];
export type Decide = Schemas["DecideBody"];
export type Disagreement = Schemas["DisagreementView"];
export type Agreement = Schemas["AgreementView"];
export type Doubt = Schemas["DoubtView"];
export type DoubtGroup = Schemas["GroupView"];
export type Figures = Schemas["FiguresView"];
export type Label = Schemas["LabelView"];
export type Message = Schemas["Message"];
export type ModelVersion = Schemas["VersionView"];
export type Models = Schemas["ModelsView"];
export type Owner = Conversation["owner"];
export type Queue = Schemas["Queue"];
export type Page = Schemas["Page"];
export type Review = Schemas["ReviewView"];
export type Spread = Schemas["SpreadView"];
export type Stored = Schemas["Stored"];
export type Summary = Schemas["Summary"];
export type Verdict = Schemas["VerdictView"];

export type FiguresQuery = NonNullable<paths["/api/v1/figures"]["get"]["parameters"]["query"]>;
export type ReviewQuery = NonNullable<paths["/api/v1/review"]["get"]["parameters"]["query"]>;

const refused: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) {
      throw readProblem(response, await response.json().catch(() => null));
    }
  },
};

const client = createClient<paths>({
  credentials: "same-origin",
  // A page of another site cannot send this header: it shows the server that the request is ours.
  headers: { "X-Requested-With": "babeldesk" },
});
client.use(refused);

const OURS = { header: { "X-Requested-With": "babeldesk" } } as const;

/** What a call that did not fail has given. */
async function given<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

const ofConversation = (id: string) => ({ params: { ...OURS, path: { id } } });

export const api = {
  me: () => given(client.GET("/api/v1/session")).then(({ user }) => user),
  signIn: (name: string, password: string) =>
    given(client.POST("/api/v1/session", { params: OURS, body: { name, password } })).then(({ user }) => user),
  signOut: () => given(client.DELETE("/api/v1/session", { params: OURS })),
  changePassword: (old: string, fresh: string) =>
    given(client.POST("/api/v1/session/password", { params: OURS, body: { old, new: fresh } })),

  queue: () => given(client.GET("/api/v1/queue")),
  conversations: (query: { owner: string; before?: string }) =>
    given(client.GET("/api/v1/conversations", { params: { query } })),
  conversation: (id: string, after: number) =>
    given(client.GET("/api/v1/conversations/{id}", { params: { path: { id }, query: { after } } })),
  claim: (id: string) => given(client.POST("/api/v1/conversations/{id}/claim", ofConversation(id))),
  giveBack: (id: string) => given(client.POST("/api/v1/conversations/{id}/return", ofConversation(id))),
  close: (id: string) => given(client.POST("/api/v1/conversations/{id}/close", ofConversation(id))),
  typing: (id: string) => given(client.POST("/api/v1/conversations/{id}/typing", ofConversation(id))),
  reply: (id: string, text: string, attachments: Stored[]) =>
    given(client.POST("/api/v1/conversations/{id}/reply", { ...ofConversation(id), body: { text, attachments } })),
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
  promoteModel: (version: string) => given(client.POST("/api/v1/models/promote", { params: OURS, body: { version } })),
  rollbackModel: () => given(client.POST("/api/v1/models/rollback", { params: OURS })),
  challengeModel: (version: string | null) =>
    given(client.POST("/api/v1/models/challenge", { params: OURS, body: { version } })),

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
  changeUser: (id: string, body: Schemas["UserChangeBody"]) =>
    given(client.PATCH("/api/v1/users/{id}", { ...ofConversation(id), body })),
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
