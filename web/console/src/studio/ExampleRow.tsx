import { ActionIcon, Button, Kbd, Pill, Text, Textarea } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { type FocusEvent, type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { annotate, overlaps, piecesOf, placeIn, plain, withoutAnnotation } from "./annotations";
import classes from "./Editor.module.css";

interface Row {
  text: string;
  language: string;
  entities: readonly string[];
  /** Whether it was added or changed and is not yet saved. */
  fresh: boolean;
  pointed: boolean;
  editing: boolean;
  edit: () => void;
  /** Ends the editing, with what it has become; `again` where the keyboard goes on from this row. */
  done: (changed: string | undefined, again: boolean) => void;
  remove: () => void;
}

type Selected = readonly [from: number, to: number];

export function ExampleRow(row: Row) {
  const { text, language, fresh, pointed, editing, edit, remove } = row;
  const t = useTranslations();
  const chosen = useRef<Selected>(undefined);
  // A click begins to edit; words that were selected stay selected, to be marked.
  const released = (event: MouseEvent<HTMLElement>): void => {
    const selection = getSelection();
    const range = selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : undefined;
    chosen.current = undefined;
    if (range && !range.collapsed && event.currentTarget.contains(range.commonAncestorContainer)) {
      const start = document.createRange();
      start.selectNodeContents(event.currentTarget);
      start.setEnd(range.startContainer, range.startOffset);
      const from = start.toString().length;
      const to = from + range.toString().length;
      chosen.current = [placeIn(text, from, "start"), placeIn(text, to, "end")];
    }
    edit();
  };
  return (
    <li className={classes.example} data-new={fresh || undefined} data-pointed={pointed || undefined}>
      {editing ? (
        <Field {...row} selected={chosen.current} />
      ) : (
        <>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the pencil beside it does the same by keyboard */}
          <span className={classes.written} dir="auto" lang={language} onMouseUp={released}>
            {piecesOf(text).map((piece) =>
              piece.entity ? (
                <mark key={piece.from} className={classes.mark} data-entity={piece.entity}>
                  {piece.text}
                </mark>
              ) : (
                <span key={piece.from}>{piece.text}</span>
              ),
            )}
          </span>
          <span className={classes.tools}>
            <ActionIcon
              variant="subtle"
              color="gray"
              data-edit
              onClick={() => {
                chosen.current = undefined;
                edit();
              }}
              aria-label={t("studio.examples.edit", { text: plain(text) })}
            >
              <IconPencil size={15} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={remove}
              aria-label={t("studio.examples.remove", { text: plain(text) })}
            >
              <IconTrash size={15} />
            </ActionIcon>
          </span>
        </>
      )}
    </li>
  );
}

/** Entities that have a key of their own. */
const KEYS = 9;

function Field({ text, language, entities, selected, done }: Row & { selected: Selected | undefined }) {
  const t = useTranslations();
  const [written, setWritten] = useState(text);
  const [[from, to], select] = useState<Selected>(selected ?? [text.length, text.length]);
  const field = useRef<HTMLTextAreaElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const over = useRef(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with what was selected then
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(from, to);
  }, []);

  const end = (changed: string | undefined, again: boolean): void => {
    if (!over.current) {
      over.current = true;
      done(changed, again);
    }
  };
  const put = (changed: string, at: number): void => {
    setWritten(changed);
    select([at, at]);
    field.current?.focus();
    requestAnimationFrame(() => field.current?.setSelectionRange(at, at));
  };
  const mark = (entity: string): void => {
    const changed = annotate(written, from, to, entity);
    put(changed, to + changed.length - written.length);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) {
      return;
    }
    const digit = event.altKey ? /^Digit([1-9])$/.exec(event.code)?.[1] : undefined;
    const entity = digit && entities[Number(digit) - 1];
    if (entity && from < to) {
      event.preventDefault();
      mark(entity);
    } else if (event.key === "Enter") {
      event.preventDefault();
      end(written, true);
    } else if (event.key === "Escape") {
      event.preventDefault();
      end(undefined, true);
    }
  };
  const left = (event: FocusEvent): void => {
    if (!box.current?.contains(event.relatedTarget)) {
      end(written, false);
    }
  };
  const words = plain(written.slice(from, to)).trim();
  const marked = piecesOf(written).filter((piece) => piece.entity);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only notices that its fields are left
    <div ref={box} className={classes.row} onBlur={left} data-row>
      <Textarea
        ref={field}
        aria-label={t("studio.examples.edit", { text: plain(text) })}
        value={written}
        onChange={(event) => setWritten(event.currentTarget.value.replace(/[\r\n]+/g, " "))}
        onKeyDown={pressed}
        onSelect={(event) => select([event.currentTarget.selectionStart, event.currentTarget.selectionEnd])}
        autosize
        minRows={1}
        dir="auto"
        lang={language}
        spellCheck
      />
      <div className={classes.bar}>
        {marked.map((piece) => (
          <Pill
            key={piece.from}
            withRemoveButton
            onRemove={() => put(withoutAnnotation(written, piece), piece.from)}
            removeButtonProps={{
              "aria-label": t("studio.examples.unmark", { text: piece.text, entity: piece.entity ?? "" }),
              "aria-hidden": false,
              tabIndex: 0,
            }}
          >
            <bdi>{piece.text}</bdi> · {piece.entity}
          </Pill>
        ))}
        {words && !overlaps(written, from, to) ? (
          <>
            <Text size="xs" c="dimmed">
              {t("studio.examples.markAs", { text: words })}
            </Text>
            {entities.map((entity, at) => (
              <Button
                key={entity}
                size="compact-xs"
                variant="light"
                onClick={() => mark(entity)}
                rightSection={at < KEYS ? <Kbd size="xs">Alt {at + 1}</Kbd> : undefined}
              >
                {entity}
              </Button>
            ))}
          </>
        ) : (
          <Text size="xs" c="dimmed">
            {entities.length > 0 ? t("studio.examples.markHow") : t("studio.examples.noEntities")}
          </Text>
        )}
      </div>
    </div>
  );
}
