"""The shapes of what people send by commands, buttons and forms, as far as the bot reads them."""

from msgspec import Struct, field

from adapters.discord.views import TYPED

MESSAGE_COMMAND = 3


class Option(Struct):
    """One option of a slash command."""

    name: str
    value: str | int | float | bool | None = None
    focused: bool = False


class TargetMessage(Struct):
    """The message that a message command was chosen on."""

    id: str
    content: str = ""


class Resolved(Struct):
    """What the ids in a command stand for."""

    messages: dict[str, TargetMessage] = field(default_factory=dict)


class Command(Struct):
    """A slash command or a message command."""

    name: str
    type: int = 1
    options: tuple[Option, ...] = ()
    target_id: str = ""
    resolved: Resolved = field(default_factory=Resolved)

    @property
    def on_message(self) -> bool:
        """Whether it was chosen in a message's menu."""
        return self.type == MESSAGE_COMMAND

    def option(self, name: str) -> str | int | float | bool | None:
        """Return an option's value; None where it wasn't given."""
        return next((each.value for each in self.options if each.name == name), None)


class Component(Struct):
    """A button or a menu that was used."""

    custom_id: str
    values: tuple[str, ...] = ()


class Input(Struct):
    """What was typed into a field, or chosen in one."""

    custom_id: str = ""
    value: str = ""
    values: tuple[str, ...] = ()


class Row(Struct):
    """A line of a form: Discord wraps a field in a label, or in a row."""

    component: Input | None = None
    components: tuple[Input, ...] = ()


class Submission(Struct):
    """A form that was sent."""

    custom_id: str
    components: tuple[Row, ...] = ()

    @property
    def fields(self) -> dict[str, str]:
        """What its fields hold, by their names, in order.

        What is typed beside a choice goes before it.
        """
        inputs = (each for row in self.components for each in (row.component, *row.components))
        fields: dict[str, str] = {}
        for each in inputs:
            if each is not None:
                name = each.custom_id.removesuffix(TYPED)
                value = each.value or next(iter(each.values), "")
                fields[name] = value if value.strip() else fields.get(name, value)
        return fields
