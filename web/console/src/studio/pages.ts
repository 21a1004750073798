// The studio's pages, in one piece: who opens one opens the others, and what they share stays out of the inbox.

export { default as BenchPage } from "./BenchPage";
export { default as Exchange } from "./Exchange";
export { default as History } from "./History";
export { default as IntentPage } from "./IntentPage";
export { default as Intents } from "./Intents";
export { default as NewIntent } from "./NewIntent";
export { default as Studio } from "./Studio";
