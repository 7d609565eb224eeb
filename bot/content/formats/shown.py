"""What Excel shows for a number, by its cell's number format (ECMA-376 part 1, § 18.8.30 and .31).

What isn't known for sure, such as a fraction or digits in kanji, is refused rather than guessed.
"""

import datetime
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from openpyxl.styles.numbers import BUILTIN_FORMATS

# By number; a workbook doesn't say what these mean. Where Excel in Japanese has its own, that.
BUILT_IN = {
    **{n: BUILTIN_FORMATS[n] for n in (*range(5), *range(9, 14), *range(15, 22), 45, 46, 48, 49)},
    14: "yyyy/m/d",
    22: "yyyy/m/d h:mm",
    **dict.fromkeys((27, 36, 50, 57), "[$-411]ge.m.d"),
    **dict.fromkeys((28, 29, 51, 54, 58), '[$-411]ggge"年"m"月"d"日"'),
    30: "m/d/yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"時"mm"分"',
    33: 'h"時"mm"分"ss"秒"',
    **dict.fromkeys((34, 52, 55), 'yyyy"年"m"月"'),
    **dict.fromkeys((35, 53, 56), 'm"月"d"日"'),
    37: "#,##0;-#,##0",
    38: "#,##0;[Red]-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;[Red]-#,##0.00",
    41: "#,##0;-#,##0;-",
    43: "#,##0.00;-#,##0.00;-",
    47: "mm:ss.0",
}

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | _(?P<width>.) | \*(?P<fill>.)
    | \[(?P<elapsed>h+|m+|s+)\] | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|標準|G/標準) | (?P<noon>AM/PM|A/P|午前/午後)
    | (?P<fraction>(?<=[sS])\.0+|(?<=[sS]\])\.0+) | (?P<power>E[+-](?=[0#?]))
    | (?P<date>y+|m+|d+|h+|s+|g+|e+|a{3,4}) | (?P<digit>[0#?]) | (?P<point>\.) | (?P<comma>,)
    | (?P<percent>%) | (?P<text>@) | (?P<plain>[^A-Za-z])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r'(?:"[^"]*"|\\.|[_*].|\[[^\]]*\]|[^;])*;', re.DOTALL)
_COLOUR = re.compile(
    r"(?:black|blue|cyan|green|magenta|red|white|yellow|[黒青水緑紫赤白黄]色?|(?:colou?r|色) ?\d+)",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"(?P<sign><=|>=|<>|<|>|=)(?P<limit>-?[\d.]+)")
_LOCALE = re.compile(r"\$(?P<currency>[^-]*)(?:-(?P<locale>.*))?")
_DATE_IN_DIGITS = re.compile(r"y+[-/.]m{1,2}[-/.]d{1,2}", re.IGNORECASE)
_OF_TIME = {"date", "elapsed", "noon", "minute"}
# Dates and times that follow the settings of whoever looks; here as in Japan.
_OF_THE_SYSTEM = {
    'yyyy"年"m"月"d"日"': ("[$-f800]", "[$-x-sysdate]"),
    "h:mm:ss": ("[$-f400]", "[$-x-systime]"),
}
_ERAS = (
    (datetime.date(2019, 5, 1), "令和", "R"),
    (datetime.date(1989, 1, 8), "平成", "H"),
    (datetime.date(1926, 12, 25), "昭和", "S"),
    (datetime.date(1912, 7, 30), "大正", "T"),
    (datetime.date(1868, 9, 8), "明治", "M"),
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TOO_LATE = 2_958_466  # the first day behind the year 9999
_Token = tuple[str, str]


def shown(value: float, code: str, *, since_1904: bool = False) -> str | None:
    """Return what Excel shows for a number.

    Args:
        value: The number; of a date or time, days.
        code: The number format, such as ``h"時"mm"分"``.
        since_1904: Dates count from 1904, as in books from old Macs.

    Returns:
        The text, a date in digits as ISO 8601; None for a format that isn't supported.
    """
    tokens, unsigned = _choose(value, _sections(code))
    kinds = {kind for kind, _ in tokens}
    if "unknown" in kinds:
        return None
    if kinds & _OF_TIME:
        return _moment(value, tokens, since_1904)
    if kinds & {"general", "text"}:
        text: str | None = "".join(
            general(abs(value)) if kind in {"general", "text"} else _literal(kind, text)
            for kind, text in tokens
        )
    else:
        text = _number(abs(value), tokens)
    if text is None:
        return None
    return (text if unsigned or value >= 0 else f"-{text.lstrip()}").strip()


def shown_text(text: str, code: str) -> str:
    """Return what Excel shows for a text: ``@"様"`` puts 様 behind it, ``;;;`` hides it."""
    sections = _split(code)
    tokens = sections[-1]
    if len(sections) < 4 and ("text", "@") not in tokens:
        return text
    return "".join(text if kind == "text" else _literal(kind, words) for kind, words in tokens)


def iso_date(value: float, code: str, *, since_1904: bool = False) -> str | None:
    """Return the day of a number that is shown as a date or time; None for other numbers."""
    tokens, _ = _choose(value, _sections(code))
    is_date = {kind for kind, _ in tokens} & _OF_TIME
    return _moment(value, _tokens("yyyy-mm-dd"), since_1904) if is_date else None


def general(value: float) -> str:
    """Return what the format General shows, but for whole numbers all of their digits.

    0.00001 is ``0.00001``, a third ``0.333333333``, a ten-billionth ``1E-10``.
    """
    if value == int(value) and abs(value) < 10**15:
        return f"{value:.0f}"
    power = Decimal(value).adjusted()
    if -4 <= power <= -1:
        text = f"{value:.{10 + power}g}"
    else:
        text = f"{value:.12f}".rstrip("0")
        if len(text) > 11 or not -10 < power < 11:
            text = f"{value:.10g}" if 0 <= power < 10 else f"{value:.5e}"
    if "e" in text:
        digits, _, exponent = text.partition("e")
        return (
            f"{digits.rstrip('0').rstrip('.')}E{exponent}"
            if "." in digits
            else f"{digits}E{exponent}"
        )
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sections(code: str) -> list[list[_Token]]:
    """Return the sections for numbers; an empty one shows nothing."""
    sections = _split(code)
    if len(sections) > 1 and any(kind == "text" for kind, _ in sections[-1]):
        sections.pop()
    return sections[:3]


def _split(code: str) -> list[list[_Token]]:
    for ours, locale in _OF_THE_SYSTEM.items():
        if code.lower().startswith(locale):
            code = ours
    return [_tokens(found[0][:-1]) for found in _SECTION.finditer(f"{code};")]


def _tokens(section: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(section):
        found = _TOKEN.match(section, at)
        if not found:
            return [("unknown", section)]
        kind = str(found.lastgroup)
        tokens.append(_of_bracket(found[kind]) if kind == "bracket" else (kind, found[kind]))
        at = found.end()
    parts = [n for n, (kind, _) in enumerate(tokens) if kind in {"date", "elapsed"}]
    for before, at, after in zip([-1, *parts], parts, [*parts[1:], -1], strict=False):
        # An m stands for minutes behind an h and before an s, else for the month.
        kind, text = tokens[at]
        near = (before >= 0 and tokens[before][1][0] in "hH") or (
            after >= 0 and tokens[after][1][0] in "sS"
        )
        if kind == "date" and text.lower() in {"m", "mm"} and near:
            tokens[at] = ("minute", text)
    return tokens


def _of_bracket(text: str) -> _Token:
    """Return what stands in brackets: a colour, a condition, a currency or a locale."""
    if _COLOUR.fullmatch(text):
        return "colour", text
    if _CONDITION.fullmatch(text):
        return "condition", text
    locale = _LOCALE.fullmatch(text)
    if not locale:
        return "unknown", text
    if locale["currency"]:
        return "quoted", locale["currency"]
    return "locale", locale["locale"] or ""


def _choose(value: float, sections: Sequence[list[_Token]]) -> tuple[list[_Token], bool]:
    """Return the section that shows a value, and whether it shows no sign of its own."""
    conditions = [next((text for kind, text in s if kind == "condition"), "") for s in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if value >= 0 and (not condition or _holds(value, condition)):
                return section, True
        return [("unknown", "")], True
    if value < 0 and len(sections) > 1:
        return sections[1], True
    return sections[2 if value == 0 and len(sections) > 2 else 0], False


def _holds(value: float, condition: str) -> bool:
    found = _CONDITION.fullmatch(condition)
    assert found
    limit = float(found["limit"])
    return {
        "<": value < limit,
        "<=": value <= limit,
        ">": value > limit,
        ">=": value >= limit,
        "=": value == limit,
        "<>": value != limit,
    }[found["sign"]]


def _literal(kind: str, text: str) -> str:
    """Return what a token shows whatever the value is."""
    if kind in {"quoted", "escaped", "plain"}:
        return text
    return " " if kind == "width" else ""


def _number(value: float, tokens: list[_Token]) -> str | None:
    """Return a number of at least 0, digit by digit; None for a fraction."""
    kinds = [kind for kind, _ in tokens]
    places = [n for n, kind in enumerate(kinds) if kind == "digit"]
    if places and ("plain", "/") in tokens:
        return None
    power = kinds.index("power") if "power" in kinds else len(tokens)
    point = kinds.index("point") if "point" in kinds[:power] else power
    whole = [n for n in places if n < point]
    decimals = [n for n in places if point < n < power]
    exact = Decimal(f"{value:.15g}").scaleb(2 * kinds.count("percent"))
    exponent = 0
    if power < len(tokens) and exact:
        exponent = exact.adjusted()
        if round(exact.scaleb(-exponent), len(decimals)) >= 10:
            exponent += 1
        exact = exact.scaleb(-exponent)
    inside = [n for n, kind in enumerate(kinds) if kind == "comma" and whole and n > whole[0]]
    grouped = any(n < whole[-1] for n in inside)
    # Behind the whole digits each divides by a thousand, wherever the decimals are.
    exact = exact.scaleb(-3 * sum(whole[-1] < n < power for n in inside))
    exact = exact.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    integer, _, fraction = f"{exact:f}".partition(".")
    if (power < len(tokens) and len(whole) != 1) or (decimals and not whole):
        return None
    digits = dict(zip(whole, _whole(integer, "".join(tokens[n][1] for n in whole), grouped=grouped),
                      strict=True))  # fmt: skip
    needed = max((n for n, at in enumerate(decimals) if tokens[at][1] != "#"), default=-1)
    for number, at in enumerate(decimals):
        digits[at] = fraction[number] if number <= needed or fraction[number:].strip("0") else ""
    after = [n for n in places if n > power]
    digits |= dict.fromkeys(after, "")
    if after:
        digits[after[0]] = f"{abs(exponent):0{len(after)}d}"
    minus = "E-" if exponent < 0 else "E"
    texts = []
    for at, (kind, text) in enumerate(tokens):
        match kind:
            case "digit":
                texts.append(digits[at])
            case "point" | "percent":
                texts.append(text)
            case "power":
                texts.append("E+" if "+" in text and exponent >= 0 else minus)
            case _:
                texts.append(_literal(kind, text))
    return "".join(texts)


def _whole(integer: str, places: str, *, grouped: bool) -> list[str]:
    """Return what stands at each place left of the point; the first takes what is left over."""
    integer = integer.lstrip("0").rjust(len(places) - places.find("0") if "0" in places else 0, "0")
    digits = [
        digit + ("," if grouped and left and left % 3 == 0 else "")
        for digit, left in zip(integer, range(len(integer) - 1, -1, -1), strict=True)
    ]
    over = max(0, len(digits) - len(places)) + 1
    heads = ["".join(digits[:over]), *digits[over:]] if digits and places else []
    return [""] * (len(places) - len(heads)) + heads


def _moment(value: float, tokens: list[_Token], since_1904: bool) -> str | None:
    """Return a date, a time or a duration; None for a negative one, or in an unknown language."""
    digits = max((len(text) - 1 for kind, text in tokens if kind == "fraction"), default=0)
    seconds = (Decimal(value) * 86_400).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    total = int(seconds)
    days = total // 86_400 + (1462 if since_1904 else 0)
    of_day = any(kind == "date" and text[0] not in "hHsS" for kind, text in tokens)
    # 0 January and 29 February 1900 are days of Excel's own.
    if value < 0 or days >= _TOO_LATE or (of_day and days in (0, 60)):
        return None
    day = datetime.date(1899, 12, 31) + datetime.timedelta(days - (days > 60))
    shown = [(kind, text) for kind, text in tokens if kind not in {"locale", "colour"}]
    if _DATE_IN_DIGITS.fullmatch("".join(text for _, text in shown)):
        return day.isoformat()
    locale = next((text.lower() for kind, text in tokens if kind == "locale"), "")
    japanese = re.match(r"(?:[0-9a-f]*0?411|ja)\b", locale) is not None
    halves = any(kind == "noon" for kind, _ in shown)
    hour, minute, second = total // 3600 % 24, total // 60 % 60, total % 60
    texts: list[str | None] = []
    for kind, text in shown:
        width = min(len(text), 2)
        match kind, text[:1].lower():
            case "elapsed", unit:
                texts.append(f"{total // {'h': 3600, 'm': 60}.get(unit, 1):0{len(text)}d}")
            case "noon", _:
                texts.append(("午前/午後" if japanese else text).split("/")[hour >= 12])
            case "fraction", _:
                texts.append(f"{seconds % 1:.{digits}f}"[1:])
            case "minute", _:
                texts.append(f"{minute:0{width}d}")
            case "date", "h":
                texts.append(f"{(hour % 12 or 12) if halves else hour:0{width}d}")
            case "date", "s":
                texts.append(f"{second:0{width}d}")
            case "date", letter:
                texts.append(_of_day(day, letter, len(text), locale, japanese=japanese))
            case "point" | "comma", _:
                texts.append(text)
            case _:
                texts.append(_literal(kind, text))
    return None if None in texts else "".join(filter(None, texts)).strip()


def _of_day(
    day: datetime.date, letter: str, width: int, locale: str, *, japanese: bool
) -> str | None:
    """Return a part of a date; None for one that isn't known in the language of the format."""
    began, era, latin = next(each for each in (*_ERAS, (day, "", "")) if day >= each[0])
    year = day.year - began.year + 1
    match letter:
        case "y":
            return f"{day.year:04d}" if width > 2 else f"{day.year % 100:02d}"
        case "m" | "d" if width <= 2:
            return f"{day.month if letter == 'm' else day.day:0{width}d}"
        case "m" | "d" if not japanese:
            name = _MONTHS[day.month - 1] if letter == "m" else _DAYS[day.weekday()]
            return {3: name[:3], 4: name}.get(width, name[0])
        case "a" | "d":
            return "月火水木金土日"[day.weekday()] + ("曜日" if width == 4 else "")
        case "g" if era:
            return (latin, era[0], era)[min(width, 3) - 1]
        case "e" if era and (japanese or not locale):
            return "元" if year == 1 and "gannen" in locale else f"{year:0{min(width, 2)}d}"
    return None
