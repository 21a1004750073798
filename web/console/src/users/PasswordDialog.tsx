import { Button, Modal, PasswordInput, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslations } from "use-intl";
import { api } from "../api/client";
import { useComplain } from "../shared/complain";

/** Changes one's own password, which signs every browser of the user out. */
export default function PasswordDialog({ onClose, onChanged }: { onClose: () => void; onChanged: () => void }) {
  const t = useTranslations();
  const complain = useComplain();
  const change = useMutation({
    mutationFn: (form: FormData) => api.changePassword(String(form.get("old")), String(form.get("fresh"))),
    onSuccess: onChanged,
    onError: complain,
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    change.mutate(new FormData(event.currentTarget));
  };
  const show = { visibilityToggleButtonProps: { "aria-label": t("signIn.showPassword") } };
  return (
    <Modal opened onClose={onClose} title={t("user.changePassword")}>
      <form onSubmit={submit}>
        <Stack>
          <PasswordInput
            {...show}
            name="old"
            label={t("user.oldPassword")}
            required
            autoComplete="current-password"
            data-autofocus
          />
          <PasswordInput
            {...show}
            name="fresh"
            label={t("user.newPassword")}
            minLength={8}
            required
            autoComplete="new-password"
          />
          <Button type="submit" loading={change.isPending}>
            {t("states.save")}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
