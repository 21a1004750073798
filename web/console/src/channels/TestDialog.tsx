// A real message to an address, or into one's own last conversation, and what became of it.

import { Alert, Button, Loader, Modal, NativeSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { channelsQuery, outcomeQuery, sendTest, type Test } from "../api/setup";
import { useChannelName } from "../inbox/names";
import { useMessageOf } from "../shared/complain";
import { TextLink } from "../shared/links";

export function TestDialog({ channel, onClose }: { channel: string; onClose: () => void }) {
  const t = useTranslations();
  const nameOf = useChannelName();
  const messageOf = useMessageOf();
  const [to, setTo] = useState<"address" | "mine">("address");
  const [address, setAddress] = useState("");
  const [text, setText] = useState(t("channels.textIs"));
  const send = useMutation({
    mutationFn: () => sendTest(channel, { text, address: to === "mine" ? null : address }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    send.mutate();
  };
  const how = channel === "telegram" || channel === "slack" ? channel : "other";
  return (
    <Modal opened onClose={onClose} title={t("channels.testOn", { channel: nameOf(channel) })}>
      <form onSubmit={submit}>
        <Stack>
          <NativeSelect
            label={t("channels.to")}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value as typeof to)}
            data={[
              { value: "address", label: t("channels.toAddress") },
              { value: "mine", label: t("channels.toMine") },
            ]}
          />
          {to === "address" && (
            <TextInput
              label={t("channels.url")}
              description={t(`channels.addresses.${how}`)}
              required
              maxLength={500}
              dir="ltr"
              data-autofocus
              value={address}
              onChange={(event) => setAddress(event.currentTarget.value)}
            />
          )}
          <Textarea
            label={t("channels.text")}
            description={t("channels.real")}
            required
            maxLength={1000}
            autosize
            minRows={2}
            dir="auto"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {send.error && (
            <Alert color="red" icon={<IconAlertTriangle size={18} />} role="alert">
              {messageOf(send.error)}
            </Alert>
          )}
          {send.data && <Outcome key={send.data.message} test={send.data} />}
          <Button type="submit" loading={send.isPending}>
            {t("channels.send")}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function Outcome({ test }: { test: Test }) {
  const t = useTranslations();
  const client = useQueryClient();
  const { data: delivery } = useQuery(outcomeQuery(test.message));
  const state = delivery?.state ?? "pending";
  useEffect(() => {
    if (state !== "pending") {
      void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
    }
  }, [client, state]);
  const color = { pending: "gray", sent: "green", dead: "red" }[state];
  const icon = {
    pending: <Loader size={16} />,
    sent: <IconCircleCheck size={18} />,
    dead: <IconAlertTriangle size={18} />,
  };
  return (
    <Alert color={color} icon={icon[state]} role="status">
      <Text size="sm">{t(`channels.outcome.${state}`)}</Text>
      {delivery?.error && (
        <Text size="sm">
          <bdi>{delivery.error}</bdi> ({t("channels.tries", { count: delivery.attempts })})
        </Text>
      )}
      {test.conversation && (
        <TextLink to="/c/$id" params={{ id: test.conversation }} size="sm" c="inherit" underline="always">
          {t("channels.conversation")}
        </TextLink>
      )}
    </Alert>
  );
}
