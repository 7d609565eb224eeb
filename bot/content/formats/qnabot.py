"""JSON as QnABot on AWS exports it: ``{"qna": [{"qid": …, "q": […], "a": …}, …]}``."""

import json

from bot.content.columns import Row
from bot.content.dialects import UNHELD
from bot.content.problems import ContentError, Where, parser_says
from bot.content.source import Opened

_HELD = {"qid", "q", "a", "selected", "quniqueterms", "questions", "type"}


def read(file: Opened) -> tuple[Row, ...]:
    """Return a row for each item of questions and answers; what else it holds is named."""
    try:
        items = json.loads(file.text)["qna"]
    except json.JSONDecodeError as error:
        raise ContentError.at(
            file.at(error.lineno), "jsonl.broken", reason=parser_says(error.msg),
            character=error.colno,
        ) from None  # fmt: skip
    except RecursionError:
        raise ContentError.at(file.source.where, "jsonl.deep") from None
    rows = []
    for number, item in enumerate(items, start=1):
        where = file.at(number, sheet="qna")
        if not isinstance(item, dict):
            file.findings.problem(where, "jsonl.no_object")
        elif item.get("type", "qna") != "qna":
            file.findings.note(where, "qnabot.other", kind=str(item["type"])[:60])
        else:
            rows.append(_row(file, item, where))
    return tuple(rows)


def _row(file: Opened, item: dict[str, object], where: Where) -> Row:
    texts = {}
    for key, column in (("qid", "id"), ("a", "answer")):
        value = item.get(key, "")
        if not isinstance(value, str):
            file.findings.problem(where.at(key), "jsonl.no_text", column=key)
        texts[column] = str(value)
    questions = item.get("q", [])
    if not isinstance(questions, list) or not all(isinstance(q, str) for q in questions):
        file.findings.problem(where.at("q"), "jsonl.no_list", column="q")
        questions = []
    texts["question"] = questions[0] if questions else ""
    for key, value in item.items():
        if key not in _HELD:
            for name, text in _leaves(key, value):
                texts[f"{UNHELD}{name}"] = text
    return Row(where, texts, {"variants": tuple(questions[1:])})


def _leaves(name: str, value: object) -> list[tuple[str, str]]:
    """Return what is set within a value, by names such as ``alt.markdown``."""
    if isinstance(value, dict) and name in {"alt", "r"}:
        return [leaf for key, inner in value.items() for leaf in _leaves(f"{name}.{key}", inner)]
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        filled = any(text.strip() for part in inner for _, text in _leaves(name, part))
        return [(name, "set" if filled else "")]
    return [(name, "" if value in (None, False) else str(value))]
