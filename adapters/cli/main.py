"""The ``faqbot`` command: a table of commands, each in a module imported when it is used."""

import errno
import gc
import logging
import os
import re
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import NoReturn

import click

from adapters.cli import config
from adapters.cli.streams import other_encoding, require_utf8, settle_streams
from bot.errors import FaqbotError, reason
from bot.texts import Text, Texts

COMMANDS: Mapping[str, str] = {
    "run": "run:run",
    "ask": "faq:ask",
    "init": "files:init",
    "list": "faq:list_",
    "import": "files:import_",
    "export": "files:export",
    "check": "quality:check",
    "eval": "quality:eval_",
    "unanswered": "usage:unanswered",
    "stats": "usage:stats",
    "report": "past:report",
    "forget": "store:forget",
    "db": "store:db",
    "doctor": "doctor:doctor",
}
"""Each command's module and function."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""What a disk says behind standard output, of which no error names the file."""

_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)")
"""What click says, in no class of its own, of more arguments than a command takes."""


class Notes(logging.Handler):
    """Tells who waits for a command of what went wrong on the way, in their language.

    A process that serves writes a log instead.
    """

    def emit(self, record: logging.LogRecord) -> None:
        said = record.msg if isinstance(record.msg, Text) else record.getMessage()
        print(_texts().say("command.note", note=said), file=sys.stderr)


class Commands(click.Group):
    """The commands by name; nothing is imported that the command doesn't need."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:  # a shell completes what is being typed
                return None
            raise click.exceptions.NoSuchCommand(cmd_name, possibilities=COMMANDS, ctx=ctx)
        module, function = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"adapters.cli.{module}"), function)
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="faqbot", message="%(version)s")
@click.pass_context
def faqbot(ctx: click.Context, debug: bool) -> None:
    """Answer questions in the lecturers' own words, on Slack, on Discord and here."""
    if ctx.invoked_subcommand != "run":  # which may serve others than this terminal
        gc.enable()
        require_utf8()
    # Doctor tells what is wrong with them beside the rest; and how a command is used can be read.
    helps = not {"-h", "--help"}.isdisjoint(sys.argv)
    ctx.obj = config.load_here(lenient=helps or ctx.invoked_subcommand == "doctor")


def main() -> None:
    """Run the command line: exit code 0 done, 1 the check found something, 2 wrong use or input."""
    gc.disable()  # what is imported stays: looking through it takes a seventh of a start
    settle_streams()
    logging.getLogger().addHandler(Notes(logging.WARNING))
    # What was begun is taken back, as on Ctrl+C: half a copy of the store holds members' words.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # numpy would start a thread on each processor to multiply matrices, and here they are small:
    # 50 ms of processor time, as much as the rest of its import takes.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    debug = "--debug" in sys.argv
    try:
        code = faqbot.main(standalone_mode=False, prog_name="faqbot")
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.message, file=sys.stderr)
        sys.exit(2)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "faqbot"
        _fail(_texts()(Text("command.usage", problem=_wrong_use(error), command=where)))
    except click.ClickException as error:
        _fail(error.format_message())
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        _give_up_output()  # the reader of a pipe went away: nothing is left to say
        sys.exit(0)
    except FaqbotError as error:
        if debug:
            raise
        _fail(error.in_words(_texts()))
    except OSError as error:
        if debug or not (error.filename or error.errno in _FULL):
            raise
        if error.filename:
            _fail(_texts().say("command.file", file=str(error.filename), reason=reason(error)))
        _give_up_output()
        _fail(_texts().say("command.output", reason=reason(error)))
    sys.exit(code if isinstance(code, int) else 0)


def _give_up_output() -> None:
    """Let go of what is still to be printed, which Python would try again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _wrong_use(error: click.UsageError) -> Text | str:
    """Return what was typed wrongly; in click's own words where it is a rare case."""
    match error:
        case click.NoSuchOption() | click.exceptions.NoSuchCommand():
            near = ", ".join(error.possibilities or ())
            meant = Text("command.meant", name=near) if near else ""
            if isinstance(error, click.NoSuchOption):
                return Text("command.no_option", option=error.option_name, meant=meant)
            return Text("command.no_command", name=error.command_name, meant=meant)
        case click.MissingParameter() if error.param:
            return Text("command.missing", name=error.param.get_error_hint(error.ctx))
        case click.BadOptionUsage():
            takes_none = "does not take" in error.message  # click tells it by no class of its own
            key = "command.flag" if takes_none else "command.no_value"
            return Text(key, option=error.option_name)
        case click.BadParameter(param=click.Parameter(type=click.IntRange() as allowed) as param):
            hint = param.get_error_hint(error.ctx)
            return Text("command.bad_number", name=hint, least=allowed.min, most=allowed.max)
        case click.BadParameter() if error.param:
            hint = error.param.get_error_hint(error.ctx)
            return Text("command.bad_value", name=hint, reason=error.message)
    if extra := _EXTRA.match(error.message):
        return Text("command.extra", arguments=extra[1])
    return error.format_message()


def _texts() -> Texts:
    """Return the texts of the reader's language, also where the settings can't be used.

    English where the terminal isn't UTF-8: it may show nothing else.
    """
    if other_encoding(sys.stderr):
        return Texts("en")
    try:
        return config.load_here(lenient=True).texts
    except FaqbotError:
        return Texts("en" if os.environ.get("FAQBOT_LOCALE") == "en" else "ja")


def _fail(message: str) -> NoReturn:
    """Print the cause, a line for each, and end with 2.

    A token that was typed where none belongs is not shown: what is printed is often kept.
    """
    from bot.telemetry.log import redact

    texts = _texts()
    for line in redact(message).splitlines():
        print(texts.say("command.error", problem=line), file=sys.stderr)
    sys.exit(2)
