// The model's versions: which one serves, which one runs in shadow, and how the two agree.

import { Alert, Button, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, type Models as State } from "../api/client";
import { modelsQuery } from "../api/queries";
import { useComplain } from "../shared/complain";
import { Page } from "../shared/Page";
import { Loaded } from "../shared/states";
import { useConfirm } from "../shared/useConfirm";
import { AgreementPart } from "./Agreement";
import { Trainings } from "./Trainings";
import { usePromote } from "./usePromote";
import { Versions } from "./Versions";

export default function Models() {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const models = useQuery(modelsQuery);
  const change = useMutation({
    mutationFn: (call: () => Promise<State>) => call(),
    onSuccess: (state) => client.setQueryData(modelsQuery.queryKey, state),
    onError: complain,
  });
  const confirm = useConfirm();
  const promotion = usePromote();
  const previous = models.data?.previous;
  const rollback = previous && (
    <Button
      variant="default"
      disabled={change.isPending}
      onClick={() =>
        confirm(t("models.rollback"), t("models.rollbackWhy", { name: previous }), () =>
          change.mutate(api.rollbackModel),
        )
      }
    >
      {t("models.rollback")}
    </Button>
  );
  return (
    <Page title={t("navigation.models")} actions={rollback}>
      <Loaded query={models}>
        {(state) => (
          <Stack gap="xl">
            {state.problem && (
              <Alert color="red" title={t("models.championProblem")}>
                {state.problem}
              </Alert>
            )}
            {state.challenger_problem && (
              <Alert color="orange" title={t("models.challengerProblem")}>
                {state.challenger_problem}
              </Alert>
            )}
            <Versions
              state={state}
              busy={change.isPending || promotion.busy}
              promote={promotion.ask}
              challenge={(name) => change.mutate(() => api.challengeModel(name))}
            />
            <Trainings />
            {state.agreement && <AgreementPart agreement={state.agreement} />}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}
