"""The commands as people and scripts run them: arguments, output, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.understanding import OUT_OF_SCOPE
from tests.nlu import pretrained
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import TOPICS, UNSEEN, UNSEEN_OUTSIDE
from tests.nlu.tiny_encoders import write_checkpoint

ROOT = Path(__file__).parent.parent
OURS = ("BABELDESK_", "SECRET_KEY", "LOG_LEVEL", "DATABASE_URL", "NATS_URL", "TELEGRAM_", "SLACK_", "LLM_")


@dataclass(frozen=True)
class Desk:
    """A working folder with a data folder of its own, for commands to run in."""

    folder: Path

    def runs(
        self, *arguments: str | Path, stdin: str | bytes = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "bot.cli", *arguments, stdin=stdin, **environment)

    def python(
        self, *arguments: str | Path, stdin: str | bytes = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            check=False,
            timeout=110,
            cwd=self.folder,
            env=clean
            | {
                "BABELDESK_DATA_DIR": str(self.folder / "data"),
                "PYTHONPATH": str(ROOT),
                "PYTHONIOENCODING": "utf-8:strict",
                "COLUMNS": "200",
                "NO_COLOR": "1",
            }
            | environment,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        )

    def write(self, name: str, content: str) -> Path:
        (self.folder / name).write_text(content, encoding="utf-8")
        return self.folder / name

    def rows(self, name: str, rows: Sequence[object]) -> Path:
        return self.write(name, "".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk without models."""
    return Desk(tmp_path)


def with_models(folder: Path) -> Desk:
    models = pretrained.pretrained().encoder.parent
    (folder / "data").mkdir()
    (folder / "data" / "models").symlink_to(models)
    return Desk(folder)


@pytest.fixture(scope="module")
def shop_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk with the pretrained models; `model` is trained on the small shop, and `pack` is the tiny pack."""
    desk = with_models(tmp_path_factory.mktemp("desk"))
    for language in ("en", "de"):
        shop.write_yaml(desk.folder / f"{language}.yml", language)
    shop.write_pack(desk.folder / "pack")
    done = desk.runs("train", "--data", "en.yml", "de.yml", "--out", "model")
    assert done.returncode == 0, done.stderr
    return desk


def refused(done: subprocess.CompletedProcess[str], code: int, *parts: str) -> None:
    """The command failed with this code; stderr says why, and stdout nothing."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    for part in parts:
        assert part in done.stderr


# --- help and bad usage -----------------------------------------------------------------------------------------------


def test_help_names_every_command(desk: Desk) -> None:
    done = desk.runs("--help")

    assert done.returncode == 0
    for command in ("serve", "train", "evaluate", "parse", "shell", "models", "pack", "user", "db"):
        assert f"│ {command} " in done.stdout


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (["train"], ["--data", "--out", "--pack", "--seed", "--deep", "--deep-settings", "--test"]),
        (
            ["evaluate"],
            ["--data", "--model", "--json", "--report", "--folds", "--compare", "--max-error", "--seed"],
        ),
        (["parse"], ["--model", "--jsonl"]),
        (["shell"], ["--pack", "--explain"]),
        (["serve"], ["--host", "--port", "--pack"]),
        (["models", "fetch"], []),
        (["models", "list"], ["--pack", "--json"]),
        (["models", "show"], ["VERSION", "--pack"]),
        (["models", "promote"], ["VERSION", "--pack"]),
        (["models", "rollback"], ["--pack"]),
        (["models", "challenge"], ["[VERSION]", "--off", "--pack"]),
        (["models", "agreement"], ["--pack", "--json"]),
        (["pack", "validate"], ["FOLDER"]),
        (["user", "add"], ["NAME", "--display-name", "--role", "--admin"]),
        (["user", "reset-password"], ["NAME"]),
        (["db", "upgrade"], []),
    ],
    ids=" ".join,
)
def test_every_command_explains_its_options(desk: Desk, command: list[str], options: list[str]) -> None:
    done = desk.runs(*command, "--help")

    assert done.returncode == 0
    for option in options:
        assert option.casefold() in done.stdout.casefold()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["parse", "hello", "--nonsense"], "No such option: --nonsense"),
        (["nonsense"], "No such command 'nonsense'"),
        (["parse"], "give a TEXT, or --jsonl"),
        (["parse", "hello", "--jsonl"], "give a TEXT, or --jsonl"),
        (["train", "--data", "a.yml"], "--data needs --out"),
        (["train", "--data", "a.yml", "--out", "x", "--pack", "tiny"], "give either --data or --pack"),
        (["train", "--data", "a.yml", "--out", "x", "--method", "lora"], "need --deep"),
        (["train", "--seed", "many"], "Invalid value for '--seed'"),
        (["evaluate", "--folds", "1"], "Invalid value for '--folds'"),
        (["evaluate", "--folds", "3", "--model", "m"], "--folds trains models of its own"),
        (["evaluate", "--folds", "3", "--compare", "m"], "--folds trains models of its own"),
        (["evaluate", "--max-error", "2"], "Invalid value for '--max-error'"),
        (["user", "add"], "Missing argument"),
        (["models", "challenge"], "give a VERSION, or --off"),
        (["models", "challenge", "20261124", "--off"], "give a VERSION, or --off"),
        (["models", "promote"], "Missing argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_usage_is_exit_code_2(desk: Desk, arguments: list[str], reason: str) -> None:
    done = desk.runs(*arguments)

    refused(done, 2)
    assert reason.casefold() in done.stderr.casefold()
    assert list(desk.folder.iterdir()) == []


def test_wrong_settings_are_named_with_exit_code_1(desk: Desk) -> None:
    refused(desk.runs("db", "upgrade", BABELDESK_PORT="eighty"), 1, "wrong settings", "port")
    refused(
        desk.runs("db", "upgrade", BABELDESK_ENCODER_VARIANT="fast", BABELDESK_ENCODER_SOURCE="bert"),
        1,
        "encoder_variant is fast, which bert has no variant of; multilingual-e5-small has",
    )


# --- train ------------------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_training_tells_what_was_learned_and_how_sure_answers_must_be(shop_desk: Desk) -> None:
    done = shop_desk.runs("train", "--data", "en.yml", "de.yml", "--out", "again", "--seed", "3")

    assert done.returncode == 0, done.stderr
    learned, *thresholds = done.stdout.splitlines()
    assert learned.startswith("again: 136 examples of 13 intents in 2 languages, accuracy on examples left out 0.9")
    assert [line.split(":")[0] for line in thresholds] == [
        f"  at most {error}% of the answers wrong" for error in (2, 5, 10)
    ]
    assert "fitting: done" in done.stderr
    assert json.loads((shop_desk.folder / "again" / "metadata.json").read_text())["seed"] == 3
    arrays = [(shop_desk.folder / name / "model.npz").read_bytes() for name in ("model", "again")]
    assert arrays[0] == arrays[1]


@pytest.mark.model
def test_ways_to_make_more_of_the_examples_are_tried_and_told(shop_desk: Desk) -> None:
    done = shop_desk.runs(
        "train", "--data", "en.yml", "de.yml", "--out", "noisy", "--augment", "typos", "--augment", "marks"
    )

    assert done.returncode == 0, done.stderr
    assert "  | typos | " in done.stdout
    assert "  | marks | " in done.stdout
    trials = json.loads((shop_desk.folder / "noisy" / "metadata.json").read_text())["augmentation"]
    assert [trial["way"] for trial in trials] == ["typos", "marks"]
    assert all(trial["changed"] > 0 and 0 < trial["before"] <= 1 for trial in trials)
    refused(
        shop_desk.runs("train", "--data", "en.yml", "--out", "never", "--augment", "noise"),
        1,
        "no augmentation 'noise'; there are: all, typos, marks, case",
    )
    shop_desk.rows("told.jsonl", [{"text": text, "intent": intent, "lang": "en"} for intent, text in UNSEEN.items()])
    report = shop_desk.runs("evaluate", "--model", "noisy", "--data", "told.jsonl", "--report", "noisy-report")
    assert report.returncode == 0, report.stderr
    assert "## Augmentation" in (shop_desk.folder / "noisy-report" / "report.md").read_text()


@pytest.mark.model
def test_a_folder_stands_for_the_files_in_it(shop_desk: Desk) -> None:
    done = shop_desk.runs("train", "--data", "pack/nlu", "--out", "from-folder")

    assert done.returncode == 0, done.stderr
    assert "136 examples" in done.stdout


@pytest.mark.model
def test_what_is_wrong_with_training_data_is_told_with_file_and_line(shop_desk: Desk) -> None:
    shop_desk.write("broken.yml", 'version: "3.1"\nnlu:\n  - intent: one\n    examples: |\n      - a\n  bad: [\n')
    shop_desk.write("wrong.yml", 'version: "3.1"\nnlu:\n  - intent: one\n    examples: |\n      - a\n      b\n')
    shop_desk.write("bad.jsonl", '{"text": "a", "intent": "one"}\n{"text": "b"\n{"text": "c"}\n')
    shop_desk.write("lonely.jsonl", "".join(f'{{"text": "{t}", "intent": "{t[0]}"}}\n' for t in ("a1", "a2", "b1")))

    for arguments, parts in (
        (["missing.yml"], ["babeldesk: missing.yml: there is no such file"]),
        (["missing.jsonl"], ["babeldesk: missing.jsonl: there is no such file"]),
        (["broken.yml"], ["broken.yml:6: is no YAML"]),
        (["en.yml", "wrong.yml"], ["wrong.yml:6: 'b' is no example"]),
        (["bad.jsonl"], ["bad.jsonl:2: is no JSON", "bad.jsonl:3: has no 'intent'"]),
        (["lonely.jsonl"], ["two examples of each intent; there is one of b"]),
        (["data/models"], ["there is no .yml or .jsonl file in this folder"]),
    ):
        refused(shop_desk.runs("train", "--data", *arguments, "--out", "never"), 1, *parts)
    assert not (shop_desk.folder / "never").exists()


@pytest.mark.model
def test_training_overwrites_nothing_but_a_model(shop_desk: Desk) -> None:
    (shop_desk.folder / "things").mkdir()
    (shop_desk.folder / "things" / "letter.txt").touch()

    for out, reason in (("things", "things is not empty and holds no model"), ("en.yml", "en.yml is a file")):
        refused(shop_desk.runs("train", "--data", "de.yml", "--out", out), 1, reason)
        refused(shop_desk.runs("train", "--pack", "pack", "--out", out), 1, reason)


# --- evaluate ---------------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_an_evaluation_is_one_json_object(shop_desk: Desk) -> None:
    rows: list[object] = [{"text": text, "intent": intent, "lang": "en"} for intent, text in UNSEEN.items()]
    rows += [{"text": text, "intent": None} for text in UNSEEN_OUTSIDE]
    shop_desk.rows("inside.jsonl", rows[:5])
    shop_desk.rows("outside.jsonl", rows[5:])

    done = shop_desk.runs("evaluate", "--model", "model", "--data", "inside.jsonl", "outside.jsonl", "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report) == {
        "n",
        "accuracy",
        "macro_f1",
        "by_language",
        "ece",
        "oos",
        "risk_coverage",
        "latency_ms",
    }
    assert set(report["oos"]) == {"recall", "precision", "auroc"}
    assert set(report["latency_ms"]) == {"p50", "p95", "encoder_p50"}
    assert (report["n"], report["accuracy"], report["oos"]["recall"]) == (9, 1.0, 1.0)
    assert report["by_language"]["de"]["n"] == 1  # found out from the text
    assert report["risk_coverage"][-1][0] == 1.0


@pytest.mark.model
def test_an_evaluation_is_printed_as_tables(shop_desk: Desk) -> None:
    shop_desk.rows("only.jsonl", [{"text": text, "intent": intent} for intent, text in UNSEEN.items()])

    done = shop_desk.runs("evaluate", "--model", "model", "--data", "only.jsonl")

    assert done.returncode == 0, done.stderr
    assert "5 messages, accuracy 1.000" in done.stdout
    assert "out of scope: recall –" in done.stdout


@pytest.mark.model
def test_what_cannot_be_evaluated_is_told(shop_desk: Desk) -> None:
    shop_desk.write("bad-test.jsonl", '\n{"text": "a", "intent": "fraud"}\nnonsense\n')

    for arguments, part in (
        (["--model", "model", "--data", "bad-test.jsonl"], "bad-test.jsonl:3: is no JSON"),
        (["--model", "model", "--data", "missing.jsonl"], "missing.jsonl: there is no such file"),
        (["--model", "nowhere", "--data", "en.yml"], "nowhere holds no model"),
    ):
        refused(shop_desk.runs("evaluate", *arguments, "--json"), 1, part)


@pytest.mark.model
def test_a_report_is_a_folder_that_is_only_ever_replaced_by_another(shop_desk: Desk) -> None:
    shop_desk.rows("unseen.jsonl", [{"text": text, "intent": intent} for intent, text in UNSEEN.items()])
    evaluate = ["evaluate", "--model", "model", "--data", "unseen.jsonl", "--json", "--max-error", "0.1"]

    done = [shop_desk.runs(*evaluate, "--report", "reports/first") for _ in range(2)]

    for one in done:
        assert one.returncode == 0, one.stderr
        assert "reports/first/report.md" in one.stderr
    folder = shop_desk.folder / "reports" / "first"
    written = json.loads((folder / "evaluation.json").read_text())
    assert written.pop("about")["data"] == "unseen.jsonl"
    assert written == json.loads(done[1].stdout)
    assert written["at_error"]["answered"] == 1.0

    (folder / "notes.txt").write_text("mine")
    before = (folder / "evaluation.json").read_bytes()
    refused(shop_desk.runs(*evaluate, "--report", "reports/first"), 1, "something else than a report (notes.txt)")
    assert (folder / "evaluation.json").read_bytes() == before


@pytest.mark.model
def test_training_data_are_cross_validated(shop_desk: Desk) -> None:
    done = shop_desk.runs("evaluate", "--folds", "3", "--data", "en.yml", "de.yml", "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["n"] == 136
    assert report["folds"]["count"] == 3
    assert len(report["folds"]["figures"]["accuracy"]["values"]) == 3
    assert report["folds"]["figures"]["accuracy"]["mean"] == pytest.approx(report["accuracy"], abs=0.01)
    assert 0.5 < report["accuracy"] < 1.0

    pack = shop_desk.runs("evaluate", "--folds", "3", BABELDESK_PACK="pack")
    assert pack.returncode == 0, pack.stderr
    assert "mean ± standard deviation over 3 folds" in pack.stdout
    assert pack.stdout.startswith("136 messages")

    refused(shop_desk.runs("evaluate", "--folds", "9", "--data", "en.yml"), 1, "9 folds need 9", "talk_to_human (4)")


@pytest.mark.model
def test_two_models_are_compared_on_the_same_examples(shop_desk: Desk) -> None:
    assert shop_desk.runs("train", "--data", "de.yml", "--out", "german").returncode == 0
    shop_desk.rows("both.jsonl", [{"text": text, "intent": intent} for intent, text in UNSEEN.items()])
    evaluate = ["evaluate", "--data", "both.jsonl", "--model", "model", "--compare"]

    done = shop_desk.runs(*evaluate, "german", "--json")
    itself = shop_desk.runs(*evaluate, "model")
    nowhere = shop_desk.runs(*evaluate, "nowhere", BABELDESK_PACK="pack")

    assert done.returncode == 0, done.stderr
    comparison = json.loads(done.stdout)["comparison"]
    assert (comparison["n"], comparison["resamples"]) == (5, 10_000)
    assert set(comparison["mcnemar"]) >= {"only_this_right", "only_other_right"}
    assert "accuracy: no difference shown" in itself.stdout
    refused(nowhere, 1, "nowhere holds no model, nor is it a version of the pack 'tiny'")


@pytest.mark.model
def test_a_version_of_the_pack_is_compared_by_its_name(shop_desk: Desk) -> None:
    trained = [shop_desk.runs("train", "--pack", "pack", "--seed", seed) for seed in ("0", "1")]
    versions = [Path(done.stdout.split(":")[0]).name for done in trained]
    shop_desk.rows("versions.jsonl", [{"text": text, "intent": intent} for intent, text in UNSEEN.items()])

    done = shop_desk.runs("evaluate", "--data", "versions.jsonl", "--compare", versions[0], BABELDESK_PACK="pack")

    assert done.returncode == 0, done.stderr
    assert "accuracy: no difference shown" in done.stdout


@pytest.mark.model
def test_models_with_encoders_of_their_own_are_compared(shop_desk: Desk) -> None:
    write_checkpoint(shop_desk.folder / "tiny-encoder")
    tiny = str(shop_desk.folder / "tiny-encoder")
    data = shop_desk.folder / "tiny-data"
    (data / "models").mkdir(parents=True)
    for entry in (shop_desk.folder / "data" / "models").iterdir():
        (data / "models" / entry.name).symlink_to(entry.resolve())
    settings = {"BABELDESK_DATA_DIR": str(data)}
    # In languages of which neither has examples, so that an encoder that knows no words has no letters to go by either.
    asked = {
        "order_status": "где сейчас мой заказ?",
        "refund_status": "τα χρήματα μου δεν έχουν επιστραφεί ακόμα",
        "return_request": "我想把裙子退回去",
        "delivery_time": "配送には何日かかりますか",
    }
    shop_desk.rows("ours.jsonl", [{"text": text, "intent": intent} for intent, text in asked.items()])
    trained = shop_desk.runs(
        "train", "--data", "en.yml", "de.yml", "--out", "of-tiny", BABELDESK_ENCODER_SOURCE=tiny, **settings
    )
    assert trained.returncode == 0, trained.stderr

    done = shop_desk.runs(
        "evaluate", "--model", "model", "--compare", "of-tiny", "--data", "ours.jsonl", "--json", **settings
    )

    assert done.returncode == 0, done.stderr
    comparison = json.loads(done.stdout)["comparison"]
    assert comparison["accuracy"]["this"] > comparison["accuracy"]["other"]


# --- parse ------------------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_a_message_is_parsed_to_one_line_of_json(shop_desk: Desk) -> None:
    done = shop_desk.runs("parse", "wo ist meine Bestellung?", "--model", "model")

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    result = json.loads(done.stdout)
    wanted = ["text", "intent", "intent_ranking", "entities", "language", "sentiment", "in_scope", "intents"]
    assert list(result) == wanted
    assert result["text"] == "wo ist meine Bestellung?"
    assert result["intent"]["name"] == "order_status"
    assert result["intent"] == result["intent_ranking"][0]
    assert result["language"]["code"] == "de"
    assert result["sentiment"].keys() == {"label", "score", "anger", "urgency"}
    assert result["in_scope"] is True


@pytest.mark.model
@pytest.mark.parametrize(("options", "value"), [([], "P1D"), (["--at", "2026-11-25T17:30:00"], "2026-11-26")])
def test_a_message_is_parsed_as_of_the_time_that_is_named(shop_desk: Desk, options: list[str], value: str) -> None:
    done = shop_desk.runs("parse", "will it come tomorrow?", "--model", "model", *options)

    assert done.returncode == 0, done.stderr
    assert [entity["value"] for entity in json.loads(done.stdout)["entities"]] == [value]


@pytest.mark.model
def test_lines_are_parsed_in_their_order_whatever_is_in_them(shop_desk: Desk) -> None:
    texts = ["where is my refund", "", "注文はどこですか 👍🏽", "\ud83d half an emoji", "a\nb\u2028c", "x" * 20_000]
    lines = [json.dumps({"text": text, "more": 1}) for text in texts]

    done = shop_desk.runs("parse", "--jsonl", "--model", "model", stdin="\ufeff" + "\n\n".join(lines))

    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert [result["text"] for result in results] == texts
    assert results[0]["intent"]["name"] == "refund_status"
    assert results[1]["intent"] == {"name": None, "confidence": 0.0}
    assert results[2]["intent"]["name"] == "order_status"
    assert "注文はどこですか 👍🏽" in done.stdout  # written as it is


@pytest.mark.model
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{nonsense", "line 3 is no JSON: "),
        (b'{"txt": "hi"}', "line 3 is no JSON object with a 'text'"),
        (b'{"text": 5}', "line 3 is no JSON object with a 'text'"),
        (b'["hi"]', "line 3 is no JSON object with a 'text'"),
        (b'{"text": "caf\xe9"}', "line 3 is not UTF-8 (byte 13)"),
    ],
    ids=ascii,
)
def test_a_bad_line_is_named_after_the_answers_before_it(shop_desk: Desk, line: bytes, reason: str) -> None:
    done = shop_desk.runs("parse", "--jsonl", "--model", "model", stdin=b'{"text": "hi"}\n\n' + line + b"\n")

    assert done.returncode == 1
    assert [json.loads(row)["text"] for row in done.stdout.splitlines()] == ["hi"]
    assert done.stderr.startswith(f"babeldesk: {reason}")


@pytest.mark.model
def test_no_lines_have_no_answers(shop_desk: Desk) -> None:
    done = shop_desk.runs("parse", "--jsonl", "--model", "model", stdin="")

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.model
def test_a_damaged_model_is_refused(shop_desk: Desk) -> None:
    assert shop_desk.runs("train", "--data", "en.yml", "--out", "damaged").returncode == 0
    (shop_desk.folder / "damaged" / "model.npz").write_bytes(b"nonsense")

    refused(shop_desk.runs("parse", "hi", "--model", "damaged"), 1, "model.npz is damaged")


# --- packs ------------------------------------------------------------------------------------------------------------


def test_a_good_pack_is_summed_up(desk: Desk) -> None:
    shop.write_pack(desk.folder / "pack")

    done = desk.runs("pack", "validate", "pack")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "tiny: 13 intents, 136 examples, replies in en, de\n"


def test_every_mistake_in_a_pack_is_told_with_its_place(desk: Desk) -> None:
    folder = shop.write_pack(desk.folder / "pack")
    english = folder / "nlu" / "en.yml"
    english.write_text(english.read_text() + "  - intent: nonsense\n    examples: |\n      - one\n      - two\n")
    number = english.read_text().splitlines().index("      - one") + 1
    assert number + 1 == 100  # `:100:` is also the name of an emoji
    (folder / "tests").mkdir()
    desk.rows("pack/tests/de.jsonl", [{"text": "Hallo", "intent": "greeting"}, {"text": "x", "intent": "other"}])

    refused(
        desk.runs("pack", "validate", "pack"),
        1,
        f"en.yml:{number}: intents.yml has no intent 'nonsense'",
        f"en.yml:{number + 1}: intents.yml has no intent 'nonsense'",
        "de.jsonl:1: 'Hallo' is a training example too",
        "de.jsonl:2: intents.yml has no intent 'other'",
    )

    english.write_text('version: "3.1"\nnlu: []\nnlu: []\n')
    refused(desk.runs("pack", "validate", "pack"), 1, "en.yml:3: the key 'nlu' is there twice")


def test_a_pack_that_is_not_there_is_refused(desk: Desk) -> None:
    refused(desk.runs("pack", "validate", "no-such-pack"), 1, "there is no pack 'no-such-pack'")


def test_a_pack_without_examples_for_an_intent_is_refused(desk: Desk) -> None:
    folder = shop.write_pack(desk.folder / "pack")
    for language in ("en", "de"):
        shop.write_yaml(folder / "nlu" / f"{language}.yml", language, [*TOPICS, OUT_OF_SCOPE])

    refused(desk.runs("pack", "validate", "pack"), 1, "intent 'greeting' has no examples; it needs two")


# --- database and users -----------------------------------------------------------------------------------------------


def test_the_database_is_made_and_then_is_up_to_date(desk: Desk) -> None:
    for _ in range(2):
        done = desk.runs("db", "upgrade")
        assert (done.returncode, done.stdout) == (0, "the database is up to date\n"), done.stderr

    assert (desk.folder / "data" / "babeldesk.db").is_file()


def test_a_user_is_added_and_gets_another_password(desk: Desk) -> None:
    assert desk.runs("db", "upgrade").returncode == 0

    added = desk.runs("user", "add", "kim", "--admin", stdin="correct horse battery\n")
    again = desk.runs("user", "add", "kim", stdin="correct horse battery\n")
    reset = desk.runs("user", "reset-password", "kim", stdin="another horse battery\n")

    assert (added.returncode, added.stdout) == (0, "added admin kim\n"), added.stderr
    refused(again, 1, "kim")
    assert (reset.returncode, reset.stdout) == (0, "kim has a new password\n"), reset.stderr
    assert "horse" not in added.stdout + added.stderr + reset.stdout + reset.stderr


def test_a_user_can_be_added_before_anything_else_was_done(desk: Desk) -> None:
    done = desk.runs("user", "add", "lee", "--display-name", "Lee from support", stdin="correct horse battery\n")

    assert (done.returncode, done.stdout) == (0, "added agent lee\n"), done.stderr


def test_a_user_gets_the_role_that_was_asked_for(desk: Desk) -> None:
    password = "correct horse battery\n"
    done = desk.runs("user", "add", "sue", "--role", "supervisor", stdin=password)

    assert (done.returncode, done.stdout) == (0, "added supervisor sue\n"), done.stderr
    refused(desk.runs("user", "add", "kim", "--role", "king", stdin=password), 2, "king")


def test_what_cannot_be_done_with_a_user_is_told(desk: Desk) -> None:
    refused(desk.runs("user", "add", "kim", stdin="short\n"), 1, "password: has fewer than")
    refused(desk.runs("user", "add", "kim", stdin=""), 1, "password: has fewer than")
    refused(desk.runs("user", "add", " ", stdin="correct horse battery\n"), 1, "name: is empty")
    refused(desk.runs("user", "reset-password", "nobody", stdin="correct horse battery\n"), 1, "no user 'nobody'")


# --- the shell --------------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_the_shell_answers_in_the_customers_language(shop_desk: Desk) -> None:
    lines = "wie lange dauert die Lieferung?\n\nwo bleibt meine Erstattung?\n"
    shutil.rmtree(shop_desk.folder / "data" / "intents", ignore_errors=True)

    done = shop_desk.runs("shell", "--pack", "pack", stdin=lines)

    assert done.returncode == 0, done.stderr
    assert "training …" in done.stderr  # the first time
    said = [line for line in done.stdout.splitlines() if line.startswith("bot (")]
    assert said == ["bot (en)> Welcome to Tiny.", "bot (de)> Es dauert 3 Tage.", "bot (de)> Das Geld ist unterwegs."]

    again = shop_desk.runs("shell", "--pack", "pack", "--explain", stdin=b"how long does delivery take, caf\xe9?\n")

    assert again.returncode == 0, again.stderr
    assert "training" not in again.stderr
    assert "bot (en)> It takes 3 days." in again.stdout
    assert "delivery_time" in again.stdout


# --- what a serving process loads -------------------------------------------------------------------------------------

NEVER = {"torch", "sklearn", "transformers", "onnx", "matplotlib", "nlu.training"}
HEAVY = f"assert not (heavy := {NEVER} & set(sys.modules)), heavy"


def test_the_server_loads_no_training_code(desk: Desk) -> None:
    done = desk.python("-c", f"import sys, bot.app, bot.cli; {HEAVY}")

    assert done.returncode == 0, done.stderr


@pytest.mark.model
def test_an_open_model_at_work_loads_no_training_code(shop_desk: Desk) -> None:
    script = f"""
import sys
from pathlib import Path
import bot.app
from nlu.serving import open_model
from nlu.understander import parse
opened, _ = open_model(Path("data"), source="multilingual-e5-small", threads=1, folder=Path("model"))
print(parse(opened.interpreter, opened.encoder, ["where is my order"])[0].intent.name)
{HEAVY}
"""
    done = shop_desk.python("-c", script)

    assert (done.returncode, done.stdout) == (0, "order_status\n"), done.stderr


@pytest.mark.model
def test_fetching_what_is_there_tells_where_it_is(shop_desk: Desk) -> None:
    done = shop_desk.runs("models", "fetch")

    assert done.returncode == 0, done.stderr
    assert (Path(done.stdout.strip()) / "encoder.json").is_file()
