// The editor of a file. This file alone knows CodeMirror, and is loaded when a file is opened.

import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import { type Mark, spanOf } from "./drafts";
import classes from "./Editor.module.css";

export interface EditorProps {
  /** What a screen reader calls it. */
  label: string;
  /** Another file, or another text of the same one from elsewhere, makes another editor: give it a key. */
  initial: string;
  marks: readonly Mark[];
  /** The line to go to, from 1; it is gone to again whenever the object is another one. */
  goTo: { line: number } | undefined;
  change: (text: string) => void;
}

const COLORS = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--code-key)" },
  { tag: [tags.string, tags.content], color: "var(--code-text)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--code-value)" },
  { tag: tags.comment, color: "var(--mantine-color-dimmed)", fontStyle: "italic" },
]);

const LOOK = EditorView.theme({
  "&": { blockSize: "100%", backgroundColor: "transparent", color: "var(--mantine-color-text)", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--desk-accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.55" },
  ".cm-gutters": {
    backgroundColor: "var(--desk-nav)",
    color: "var(--mantine-color-dimmed)",
    borderInlineEnd: "1px solid var(--desk-line)",
  },
  ".cm-content": { caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderInlineStartColor: "var(--mantine-color-text)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--desk-hover)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--desk-selected)",
  },
  ".cm-panels, .cm-tooltip": {
    backgroundColor: "var(--mantine-color-body)",
    color: "var(--mantine-color-text)",
    borderColor: "var(--desk-line)",
  },
  ".cm-foldPlaceholder": { backgroundColor: "var(--desk-hover)", color: "inherit", borderColor: "var(--desk-line)" },
  ".cm-searchMatch": { backgroundColor: "var(--desk-found)" },
});

export default function Editor({ label, initial, marks, goTo, change }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const told = useRef(change);
  told.current = change;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is the editor's own from then on
  useEffect(() => {
    const editor = new EditorView({
      parent: place.current ?? document.body,
      state: EditorState.create({
        doc: initial,
        extensions: [
          basicSetup,
          yaml(),
          syntaxHighlighting(COLORS),
          LOOK,
          lintGutter(),
          EditorView.lineWrapping,
          // Each line in the direction of its own language.
          EditorView.perLineTextDirection.of(true),
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              told.current(update.state.doc.toString());
            }
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) {
      return;
    }
    const text = editor.state.doc.toString();
    const diagnostics = marks.map((mark) => {
      const [from, to] = spanOf(text, mark);
      return { from, to, severity: "error" as const, message: mark.reason };
    });
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [marks]);

  useEffect(() => {
    const editor = view.current;
    if (editor && goTo) {
      const line = editor.state.doc.line(Math.min(Math.max(1, goTo.line), editor.state.doc.lines));
      editor.dispatch({
        selection: { anchor: line.from },
        effects: EditorView.scrollIntoView(line.from, { y: "center" }),
      });
      editor.focus();
    }
  }, [goTo]);

  return <div ref={place} className={classes.editor} dir="ltr" />;
}
