// What the page of the flows, and of the pack's other files, asks of the server.

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, given, OURS, type Schemas } from "../api/client";

export type Graph = Schemas["GraphView"];
export type Step = Schemas["NodeView"];
export type Finding = Schemas["FindingView"];
export type File = Schemas["FileView"];
export type Pack = Schemas["PackView"];

export const packQuery = queryOptions({ queryKey: ["pack"], queryFn: () => given(client.GET("/api/v1/pack")) });

export const fileQuery = (path: string) =>
  queryOptions({
    queryKey: [...packQuery.queryKey, "file", path],
    queryFn: () => given(client.GET("/api/v1/pack/file", { params: { query: { path } } })),
    // What is being edited stays as it was read until it is saved.
    staleTime: Number.POSITIVE_INFINITY,
  });

export interface Draft {
  path: string;
  text: string;
  /** Of the content that it was made from. */
  etag: string;
}

const NONE = { findings: [], flows: null };

/** The flows and whatever would be wrong, with files as they would be. */
export const draftQuery = (drafts: readonly Draft[], language: string | undefined) =>
  queryOptions({
    queryKey: [...packQuery.queryKey, "draft", language, drafts.map(({ path, text }) => [path, text])],
    queryFn: async (): Promise<Schemas["DraftFlowsView"]> => {
      if (drafts.length === 0) {
        const query = language ? { language } : {};
        const { flows } = await given(client.GET("/api/v1/flows", { params: { query } }));
        return { ...NONE, flows };
      }
      const files = drafts.map(({ path, text }) => ({ path, text }));
      const body = { files, language: language ?? null };
      return given(client.POST("/api/v1/flows", { params: OURS, body }));
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
  });

export const save = (files: readonly Draft[], message: string) =>
  given(
    client.POST("/api/v1/pack/files", {
      params: OURS,
      body: { files: files.map(({ path, text, etag }) => ({ path, text, etag })), message },
    }),
  );
