import { Alert, Button, Modal, NativeSelect, PasswordInput, Stack, Switch, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { type Account, api } from "../api/client";
import { ApiError } from "../api/errors";
import { userQuery, usersQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useComplain } from "../shared/complain";
import { ROLES } from "../shared/roles";
import { ListSkeleton, Loaded } from "../shared/states";

const CHANGED_MEANWHILE = 412;

/** Adds a user, or changes `user`. */
export function UserForm({ user, onClose }: { user: Account | undefined; onClose: () => void }) {
  const t = useTranslations();
  return (
    <Modal opened onClose={onClose} title={user?.display_name ?? t("users.add")}>
      {user ? <Changed id={user.id} onClose={onClose} /> : <Form onClose={onClose} />}
    </Modal>
  );
}

/** A user as they stand now: should somebody else change them meanwhile, nothing is saved and one sees it anew. */
function Changed({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useTranslations();
  const query = useQuery(userQuery(id));
  const [late, setLate] = useState(false);
  const meanwhile = async (): Promise<void> => {
    await query.refetch();
    setLate(true);
  };
  return (
    <Loaded query={query} skeleton={<ListSkeleton rows={2} />}>
      {({ user, tag }) => (
        <Stack>
          {late && (
            <Alert color="orange" role="alert">
              {t("users.meanwhile")}
            </Alert>
          )}
          <Form key={tag} present={{ user, tag }} meanwhile={meanwhile} onClose={onClose} />
        </Stack>
      )}
    </Loaded>
  );
}

function Form({
  present,
  meanwhile,
  onClose,
}: {
  present?: { user: Account; tag: string };
  meanwhile?: () => void;
  onClose: () => void;
}) {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const { me } = useSession();
  const user = present?.user;
  const save = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string): string => String(form.get(name) ?? "");
      const role = ROLES.find((known) => known === text("role")) ?? "agent";
      if (!present) {
        const name = text("name");
        return api.addUser({ name, display_name: text("display_name") || name, role, password: text("password") });
      }
      return api.changeUser(present.user.id, present.tag, {
        role,
        ...(present.user.id === me.id ? {} : { disabled: form.has("disabled") }),
        ...(text("display_name") ? { display_name: text("display_name") } : {}),
        ...(text("password") ? { password: text("password") } : {}),
      });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: usersQuery.queryKey });
      onClose();
    },
    onError: (error) =>
      error instanceof ApiError && error.status === CHANGED_MEANWHILE ? meanwhile?.() : complain(error),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {!user && <TextInput name="name" label={t("signIn.name")} required autoComplete="off" data-autofocus />}
        <TextInput name="display_name" label={t("users.displayName")} defaultValue={user?.display_name ?? ""} />
        <NativeSelect
          name="role"
          label={t("users.role")}
          description={t("users.roleMay")}
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
        {user && user.id !== me.id && (
          <Switch
            name="disabled"
            label={t("users.disable")}
            description={t("users.disableWhy")}
            defaultChecked={user.disabled_at !== null}
          />
        )}
        <Button type="submit" loading={save.isPending}>
          {t("states.save")}
        </Button>
      </Stack>
    </form>
  );
}
