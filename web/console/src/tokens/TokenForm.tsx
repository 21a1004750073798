import { Alert, Button, CopyButton, Modal, NativeSelect, Stack, Textarea, TextInput } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "../api/client";
import { usersQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useComplain } from "../shared/complain";
import { atLeast, ROLES } from "../shared/roles";

/** Makes a token, and shows it this once. */
export function TokenForm({ onClose }: { onClose: () => void }) {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const { me } = useSession();
  const admin = atLeast(me, "admin");
  const { data: users } = useQuery({ ...usersQuery, enabled: admin });
  const [holder, setHolder] = useState(me.id);
  const [secret, setSecret] = useState<string>();
  const others = users?.items.filter((user) => user.disabled_at === null && user.id !== me.id) ?? [];
  const account = others.find((user) => user.id === holder) ?? me;
  const make = useMutation({
    mutationFn: (form: FormData) => {
      const until = String(form.get("expires") ?? "");
      return api.addToken({
        name: String(form.get("name")),
        role: ROLES.find((role) => role === form.get("role")) ?? "viewer",
        user: holder,
        ...(until ? { expires_at: new Date(until).toISOString() } : {}),
      });
    },
    onSuccess: ({ token }) => {
      setSecret(token);
      void client.invalidateQueries({ queryKey: ["tokens"] });
    },
    onError: complain,
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    make.mutate(new FormData(event.currentTarget));
  };
  if (secret !== undefined) {
    return (
      <Modal opened onClose={onClose} title={t("tokens.token")} closeOnClickOutside={false}>
        <Stack>
          <Alert color="orange">{t("tokens.once")}</Alert>
          <Textarea
            aria-label={t("tokens.token")}
            value={secret}
            readOnly
            autosize
            dir="ltr"
            styles={{ input: { fontFamily: "monospace" } }}
            onFocus={(event) => event.currentTarget.select()}
          />
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button leftSection={<IconCopy size={16} />} onClick={copy} data-autofocus>
                {copied ? t("tokens.copied") : t("tokens.copy")}
              </Button>
            )}
          </CopyButton>
        </Stack>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title={t("tokens.make")}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            name="name"
            label={t("signIn.name")}
            description={t("tokens.nameFor")}
            required
            maxLength={100}
            dir="auto"
            data-autofocus
          />
          {admin && (
            <NativeSelect
              label={t("tokens.user")}
              value={holder}
              onChange={(event) => setHolder(event.currentTarget.value)}
              data={[me, ...others].map((user) => ({ value: user.id, label: user.display_name }))}
            />
          )}
          <NativeSelect
            key={account.id}
            name="role"
            label={t("users.role")}
            description={t("tokens.roleMost")}
            data={ROLES.filter((role) => atLeast(account, role)).map((value) => ({
              value,
              label: t(`users.roles.${value}`),
            }))}
          />
          <TextInput
            type="datetime-local"
            name="expires"
            label={t("tokens.expires")}
            description={t("tokens.orNever")}
          />
          <Button type="submit" loading={make.isPending}>
            {t("tokens.make")}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
