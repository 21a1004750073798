// How a text of the bot looks on each channel, as the server's own rendering for the channel has it.

import { Alert, List, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useChannelName } from "../inbox/names";
import { Loaded } from "../shared/states";
import classes from "./ChannelsPreview.module.css";
import { type ChannelPreview, type Notice, previewQuery, type Said } from "./calls";

/** Milliseconds without another key. */
const PAUSE = 300;

export function ChannelsPreview({ text, buttons }: Said) {
  const t = useTranslations();
  const nameOf = useChannelName();
  const [channel, setChannel] = useState<string>();
  const [said] = useDebouncedValue({ text, buttons }, PAUSE);
  const previews = useQuery(previewQuery(said));
  return (
    <Loaded query={previews} skeleton={<Text size="sm">{t("states.loading")}</Text>}>
      {({ channels }) => {
        const shown = channels.find((one) => one.channel === channel) ?? channels[0];
        return (
          shown && (
            <Stack gap="sm">
              <SegmentedControl
                value={shown.channel}
                onChange={setChannel}
                data={channels.map((one) => ({ value: one.channel, label: nameOf(one.channel) }))}
                aria-label={t("flows.preview.channel")}
              />
              <Shown preview={shown} />
            </Stack>
          )
        );
      }}
    </Loaded>
  );
}

function Shown({ preview }: { preview: ChannelPreview }) {
  const t = useTranslations();
  return (
    <>
      <div className={classes.screen} data-channel={preview.channel}>
        {preview.bubbles.length === 0 && <Text size="sm">{t("flows.preview.nothing")}</Text>}
        {preview.bubbles.map((bubble, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
          <div key={place} className={classes.message}>
            <div className={classes.bubble} dir="auto">
              {bubble.text}
            </div>
            {bubble.rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
              <div key={at} className={classes.row}>
                {row.map((label, one) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: labels may be the same
                  <span key={one} className={classes.button} dir="auto" title={label}>
                    {label}
                  </span>
                ))}
              </div>
            ))}
          </div>
        ))}
      </div>
      {preview.notices.length > 0 && (
        <Alert color="orange" p="sm">
          <List size="sm">
            {preview.notices.map((notice) => (
              <List.Item key={`${notice.kind} ${notice.about}`}>
                <NoticeText notice={notice} />
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}

function NoticeText({ notice }: { notice: Notice }) {
  const t = useTranslations();
  return t(`flows.preview.notices.${notice.kind}`, { about: notice.about });
}
