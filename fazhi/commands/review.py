"""`fazhi review`: what a person should look at, and what a person says of it."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from cyclopts import Parameter
from cyclopts.validators import Number

from fazhi.commands.results import read_years
from fazhi.failure import CommandError, wrong_use
from fazhi.home import DEFAULT_DATA, database_url
from fazhi.options import AsJson, DataDir
from fazhi.spoken import spoken_quote, spoken_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from services.sink.review import Verdict

#: Below this a fact is worth a look; the annotated documents have most errors there.
_UNSURE = 0.7


def review(
    target: Annotated[
        str | None, Parameter(name="TARGET", help="A fact's id, or REPORT:FIELD for a document field.")
    ] = None,
    /,
    *,
    confirm: Annotated[bool, Parameter(help="The machine is right.", negative="")] = False,
    reject: Annotated[bool, Parameter(help="It is no fact; or the field has no value.", negative="")] = False,
    correct: Annotated[
        tuple[str, ...], Parameter(help="FIELD=VALUE, or VALUE for a document field; null for none. May be repeated.")
    ] = (),
    reviewer: Annotated[str | None, Parameter(help="Your name; without it that of your account.")] = None,
    reason: Annotated[str, Parameter(help="Why.")] = "",
    place: Annotated[str | None, Parameter(help="List only this place.")] = None,
    year: Annotated[str | None, Parameter(help="List only this report year, or range of years.")] = None,
    limit: Annotated[int, Parameter(help="Facts to list at most; 0 for all.", validator=Number(gte=0))] = 20,
    data: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> int:
    """Facts that a person should look at: those in an arithmetic check that does not hold, and those the machine is
    not sure of, as long as nobody has reviewed them.

    With TARGET: say what you think of it. It is in force at once, and stays so when the machine reads the page again.

    ```
    fazhi review
    fazhi review 8c1f….120-124 --correct value=351 --correct unit=条 --reason "misread table"
    fazhi review 8c1f…:issuer --correct 某市人民政府
    ```
    """
    from services.sink.engine import connect

    engine = connect(database_url(data))
    try:
        if target is None:
            first, last = read_years(year)
            with engine.connect().execution_options(reading=True) as connection:
                _list(_doubtful(connection, place, first, last), limit, as_json=as_json)
            return 0
        verdict = _verdict(confirm, reject, correct)
        kept = _judge(engine, target, verdict, correct, reviewer or getpass.getuser(), reason)
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(kept, option=orjson.OPT_APPEND_NEWLINE))
        else:
            sys.stdout.write(f"kept: {verdict} by {kept['reviewer']}\n")
        return 0
    finally:
        engine.dispose()


def _verdict(confirm: bool, reject: bool, correct: tuple[str, ...]) -> Verdict:
    said: list[Verdict] = []
    said += ["confirmed"] if confirm else []
    said += ["rejected"] if reject else []
    said += ["corrected"] if correct else []
    if len(said) != 1:
        raise wrong_use("say one thing of it", "--confirm, --reject, or --correct FIELD=VALUE")
    return said[0]


def _judge(  # noqa: PLR0917 - the flags of one judgement
    engine: Any, target: str, verdict: Verdict, correct: tuple[str, ...], reviewer: str, reason: str
) -> dict[str, Any]:
    from pydantic import ValidationError

    from services.sink.judgement import Judgement, NotFoundError, judge

    report, _, field = target.partition(":")
    named: dict[str, Any] = {"report": report, "field": field} if field else {"fact": target}
    corrected = dict(_correction(pair, field) for pair in correct)
    try:
        judgement = Judgement(**named, verdict=verdict, corrected=corrected, reviewer=reviewer, reason=reason)
        return judge(engine, judgement)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise wrong_use(f"{'.'.join(str(part) for part in fault['loc'])} {fault['msg']}".strip()) from error
    except NotFoundError as error:
        raise CommandError(f"{target}: {error}", "`fazhi results --json` shows ids") from error
    except ValueError as error:
        raise wrong_use(str(error)) from error


def _correction(pair: str, field: str) -> tuple[str, Any]:
    """`FIELD=VALUE` as a field and a JSON value; what is no JSON is text."""
    name, separator, written = pair.partition("=")
    if field and (not separator or name != field):
        name, written = field, pair
    elif not separator:
        raise wrong_use(f"--correct {pair!r} is no correction", "for example --correct value=351")
    try:
        value = orjson.loads(written)
    except orjson.JSONDecodeError:
        value = written
    # "2023" as a title is a text, as a report year a number; dates and codes are always texts.
    texts = {"title", "issuer", "place.code", "published", "signed", "document_number", "addressee", "unit", "subject"}
    return name, written if name in texts and value is not None else value


def _doubtful(
    connection: Connection, place: str | None, first: int | None, last: int | None
) -> Iterator[dict[str, Any]]:
    from services.sink.filters import FactFilter, ReportFilter
    from services.sink.queries import all_facts

    wanted = ReportFilter(place=place, year_from=first, year_to=last)
    yield from all_facts(connection, FactFilter(reports=wanted, check="broken", review="none"))
    for fact in all_facts(connection, FactFilter(reports=wanted, review="none", below=_UNSURE)):
        if fact["check_state"] != "broken":
            yield fact


def _list(facts: Iterator[dict[str, Any]], limit: int, *, as_json: bool) -> None:
    from itertools import islice

    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    count = 0
    for fact in islice(facts, limit or None):
        count += 1
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(fact, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS))
            continue
        why = "a check does not hold" if fact["check_state"] == "broken" else f"confidence {fact['confidence']:.2f}"
        console.print(f"[bold]{escape(spoken_quote(fact['quote']))}[/]  [yellow]{why}[/]")
        console.print(f"  {escape(spoken_value(fact))}  {escape(fact['metric'] or 'no metric')}")
        console.print(f"  [dim]{escape(fact['title'] or '')}[/]\n  [dim]{fact['fact_id']}[/]")
    if not count and not as_json:
        console.print("nothing to look at: no check fails, and the machine is sure of what it read")
