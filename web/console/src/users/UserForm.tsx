import { Button, Modal, NativeSelect, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslations } from "use-intl";
import { type Account, api } from "../api/client";
import { usersQuery } from "../api/queries";
import { useComplain } from "../shared/complain";
import { ROLES } from "../shared/roles";

/** Adds a user, or changes `user`. */
export function UserForm({ user, onClose }: { user: Account | undefined; onClose: () => void }) {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const save = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string): string => String(form.get(name) ?? "");
      const role = ROLES.find((known) => known === text("role")) ?? "agent";
      if (!user) {
        const name = text("name");
        return api.addUser({ name, display_name: text("display_name") || name, role, password: text("password") });
      }
      return api.changeUser(user.id, {
        role,
        ...(text("display_name") ? { display_name: text("display_name") } : {}),
        ...(text("password") ? { password: text("password") } : {}),
      });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: usersQuery.queryKey });
      onClose();
    },
    onError: complain,
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  return (
    <Modal opened onClose={onClose} title={user?.display_name ?? t("users.add")}>
      <form onSubmit={submit}>
        <Stack>
          {!user && <TextInput name="name" label={t("signIn.name")} required autoComplete="off" data-autofocus />}
          <TextInput name="display_name" label={t("users.displayName")} defaultValue={user?.display_name ?? ""} />
          <NativeSelect
            name="role"
            label={t("users.role")}
            data={ROLES.map((value) => ({ value, label: t(`users.roles.${value}`) }))}
            defaultValue={user?.role ?? "agent"}
          />
          <PasswordInput
            name="password"
            label={user ? t("user.newPassword") : t("signIn.password")}
            minLength={8}
            required={!user}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
          />
          <Button type="submit" loading={save.isPending}>
            {t("states.save")}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
