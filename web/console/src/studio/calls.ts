// Calls of the studio.

import { client, given, OURS } from "../api/client";
import { ApiError } from "../api/errors";
import type { components, paths } from "../api/schema";

type Schemas = components["schemas"];
export type Duplicates = Schemas["DuplicatesView"];
export type Finding = Schemas["FindingView"];
export type Imported = Schemas["ImportView"];
export type Intent = Schemas["IntentView"];
export type Intents = Schemas["IntentsView"];
export type Lesson = Schemas["LessonView"];
export type NewIntent = Schemas["NewIntentBody"];
export type Place = Schemas["PlaceView"];
export type Revision = Schemas["RevisionView"];
export type RevisionDetail = Schemas["RevisionDetail"];
export type Run = Schemas["RunView"];
export type Summary = Schemas["IntentSummary"];
export type Trainings = Schemas["TrainingView"];
export type Tried = Schemas["TriedView"];
export type Uses = Schemas["UsesView"];

const matching = (tag: string) => ({ ...OURS.header, "If-Match": `"${tag}"` });

export const studio = {
  intents: () => given(client.GET("/api/v1/intents")) as Promise<Intents>,
  intent: (name: string) => given(client.GET("/api/v1/intents/{name}", { params: { path: { name } } })),
  uses: (name: string) => given(client.GET("/api/v1/intents/{name}/uses", { params: { path: { name } } })),
  addIntent: (body: NewIntent) => given(client.POST("/api/v1/intents", { params: OURS, body })),
  rename: (name: string, to: string) =>
    given(client.POST("/api/v1/intents/{name}/rename", { params: { ...OURS, path: { name } }, body: { name: to } })),
  remove: (name: string, tag: string) =>
    given(client.DELETE("/api/v1/intents/{name}", { params: { path: { name }, header: matching(tag) } })),
  putMeaning: (name: string, tag: string, body: Schemas["MeaningBody"]) =>
    given(client.PUT("/api/v1/intents/{name}", { params: { path: { name }, header: matching(tag) }, body })),
  putExamples: (name: string, language: string, tag: string, examples: string[]) =>
    given(
      client.PUT("/api/v1/intents/{name}/examples/{language}", {
        params: { path: { name, language }, header: matching(tag) },
        body: { examples },
      }),
    ),
  putReplies: (name: string, language: string, tag: string, body: Schemas["SaidBody"]) =>
    given(
      client.PUT("/api/v1/intents/{name}/replies/{language}", {
        params: { path: { name, language }, header: matching(tag) },
        body,
      }),
    ),
  addExamples: (name: string, examples: Record<string, string[]>) =>
    given(client.POST("/api/v1/intents/{name}/examples", { params: { ...OURS, path: { name } }, body: { examples } })),
  duplicates: () => given(client.GET("/api/v1/intent-duplicates")),
  lessons: () => given(client.GET("/api/v1/lessons")),
  trainings: () => given(client.GET("/api/v1/training")),
  train: () => given(client.POST("/api/v1/training", { params: OURS })),
  understand: (text: string, language: string | null) =>
    given(client.POST("/api/v1/understand", { params: OURS, body: { text, language } })),
  pack: () => given(client.GET("/api/v1/pack")),
  revisions: (before: number | null) =>
    given(client.GET("/api/v1/pack/revisions", { params: { query: { limit: 30, ...(before ? { before } : {}) } } })),
  revision: (number: number) =>
    given(client.GET("/api/v1/pack/revisions/{number}", { params: { path: { number: `${number}` } } })),
  undo: (number: number) =>
    given(client.POST("/api/v1/pack/revisions/{number}/undo", { params: { ...OURS, path: { number: `${number}` } } })),
  /** Where it would break the pack, what stands against it is in `findings`, as in a dry run. */
  importFile: async (file: File, query: ImportQuery): Promise<Imported> => {
    const form = new FormData();
    form.append("file", file, file.name);
    try {
      return await given(
        client.POST("/api/v1/pack/import", {
          params: { ...OURS, query },
          body: form as never, // the description has no type for a form's body
          bodySerializer: () => form,
        }),
      );
    } catch (error) {
      if (error instanceof ApiError && error.code === "broken_pack") {
        return error.body as unknown as Imported;
      }
      throw error;
    }
  },
};

export type ImportQuery = NonNullable<paths["/api/v1/pack/import"]["post"]["parameters"]["query"]>;

/** What stands against a change, if that is what was answered. */
export const findingsOf = (error: unknown): Finding[] =>
  error instanceof ApiError && Array.isArray(error.body.findings) ? (error.body.findings as Finding[]) : [];
