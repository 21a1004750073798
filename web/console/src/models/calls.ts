// What the pages of the model's versions ask of the server.

import { queryOptions } from "@tanstack/react-query";
import { client, given, OURS, type Schemas } from "../api/client";
import { modelsQuery } from "../api/queries";
import type { Judgement } from "./outcomes";

export type Measured = Omit<Schemas["MeasuredView"], "judgements"> & { judgements: Judgement[] };
export type Compared = Schemas["ComparedView"];
export type Tests = Schemas["TestsView"];
export type Changed = Schemas["ChangedView"];
export type Losses = Schemas["LossesView"];
export type Thresholds = Schemas["ThresholdsView"];
export type Run = Schemas["RunView"];

/** Milliseconds after which a run is asked after again. */
const SOON = 1_500;

const underWay = (measured: Measured | undefined): boolean =>
  measured?.run?.state === "waiting" || measured?.run?.state === "measuring";

export const measuredQuery = (version: string) =>
  queryOptions({
    queryKey: [...modelsQuery.queryKey, version, "tests"],
    queryFn: () => given(client.GET("/api/v1/models/{version}/tests", { params: { path: { version } } })),
    refetchInterval: ({ state }) => (underWay(state.data) ? SOON : false),
  });

export const measure = (version: string) =>
  given(client.POST("/api/v1/models/{version}/tests", { params: { ...OURS, path: { version } } }));

/** `at` is when the two were measured: what was measured anew is compared anew. */
export const comparedQuery = (of: { this: string; other: string }, at: string) =>
  queryOptions({
    queryKey: [...modelsQuery.queryKey, "compare", of.this, of.other, at],
    queryFn: () => given(client.GET("/api/v1/models/compare", { params: { query: of } })),
  });

export const promote = (version: string, override: string[] | null) =>
  given(client.POST("/api/v1/models/promote", { params: OURS, body: { version, override } }));

export const thresholdsQuery = queryOptions({
  queryKey: ["thresholds"],
  queryFn: () => given(client.GET("/api/v1/pack/thresholds")),
});

export const putThresholds = (tag: string, body: Schemas["ThresholdsBody"]) =>
  given(
    client.PUT("/api/v1/pack/thresholds", { params: { header: { ...OURS.header, "If-Match": `"${tag}"` } }, body }),
  );

export const trainingQuery = queryOptions({
  queryKey: ["training"],
  queryFn: () => given(client.GET("/api/v1/training")),
  refetchInterval: ({ state }) =>
    state.data?.runs.some((run) => run.state === "training" || run.state === "waiting") ? SOON : false,
});
