// Every shortcut there is. Pages say what it does there (`useShortcut`); `?` lists them all.

export const SHORTCUTS = {
  next: ["j"],
  previous: ["k"],
  claim: ["c"],
  reply: ["r"],
  giveBack: ["b"],
  close: ["x"],
  assign: ["a"],
  transfer: ["t"],
  snooze: ["z"],
  note: ["n"],
  markUnread: ["u"],
  details: ["i"],
  search: ["s"],
  leave: ["Escape"],
  send: ["Enter"],
  nextDoubt: ["j"],
  previousDoubt: ["k"],
  unfold: ["e"],
  likeliest: ["1"],
  second: ["2"],
  third: ["3"],
  otherIntent: ["i"],
  newIntent: ["n"],
  outOfScope: ["o"],
  dismiss: ["x"],
  undo: ["u"],
  findIntent: ["/"],
  nextIntent: ["j"],
  previousIntent: ["k"],
  addIntent: ["n"],
  saveIntent: ["s", "Ctrl+S"],
  undoEdit: ["u"],
  nextLanguage: ["]"],
  previousLanguage: ["["],
  addExample: ["a"],
  nextExample: ["j"],
  previousExample: ["k"],
  removeExample: ["x", "Delete"],
  tryOut: ["t"],
  markEntity: ["Alt+1", "Alt+9"],
  canned: ["/"],
  suggest: ["Alt+1", "Alt+2", "Alt+3"],
  mentions: ["m"],
  help: ["?"],
} as const satisfies Record<string, readonly string[]>;

export type Shortcut = keyof typeof SHORTCUTS;

const REVIEW: readonly Shortcut[] = [
  "nextDoubt",
  "previousDoubt",
  "unfold",
  "likeliest",
  "second",
  "third",
  "otherIntent",
  "newIntent",
  "outOfScope",
  "dismiss",
  "undo",
];

const STUDIO: readonly Shortcut[] = [
  "findIntent",
  "nextIntent",
  "previousIntent",
  "addIntent",
  "saveIntent",
  "undoEdit",
  "nextLanguage",
  "previousLanguage",
  "addExample",
  "nextExample",
  "previousExample",
  "removeExample",
  "markEntity",
  "tryOut",
];

/** The page that a shortcut is of; undefined for all. */
export const pageOf = (shortcut: Shortcut): "inbox" | "review" | "studio" | undefined => {
  if (shortcut === "help" || shortcut === "mentions") {
    return undefined;
  }
  return REVIEW.includes(shortcut) ? "review" : STUDIO.includes(shortcut) ? "studio" : "inbox";
};

/** Whether a key goes into a text or a dialog; one on a tab, which is a radio button, is still a command. */
export function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("textarea, select, input:not([type=radio]), [contenteditable=true], [role=dialog], [role=menu]") !==
      null
  );
}

/** The key that was pressed; on a keyboard without Latin letters the one in the same place. */
export function keyOf(event: Pick<KeyboardEvent, "key" | "code">): string {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  return letter && !/^[\x00-\x7f]+$/.test(event.key) ? letter.toLowerCase() : event.key;
}
