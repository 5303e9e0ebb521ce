"""What the operator decides: `monitor.yml`, overridden by `MONITOR_…` in the environment; secrets by name.

    MONITOR_HTTP__LISTEN=…  >  monitor.yml  >  defaults that work

Unknown keys are errors. A secret is named (`secret:slack-desk`) and looked up when needed, first in the environment
(`MONITOR_SECRET_SLACK_DESK`), then in systemd's credentials directory; nothing here ever prints one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from monitor.errors import ConfigError, InputError, Problem
from monitor.settings.parts import (
    MASK,
    SECRET,
    SECRET_NAME,
    Alerts,
    Database,
    Http,
    Log,
    Novelty,
    Operator,
    Paths,
    Polling,
    Retention,
    check_database,
    masked_url,
)
from monitor.yamlfile import Listing, Node, Place, nearest, plain, read
from monitor.yamlfile import Mapping as Tree

__all__ = [
    "Alerts",
    "Http",
    "Log",
    "Novelty",
    "Operator",
    "Polling",
    "Retention",
    "Settings",
    "load_settings",
    "masked_url",
    "secret",
]

PREFIX = "MONITOR_"
SECRET_PREFIX = "MONITOR_SECRET_"  # noqa: S105 - the same in the environment
FILE_VARIABLE = "MONITOR_SETTINGS"
FILE_NAME = "monitor.yml"
MAX_SECRET = 64 * 1024
# What else may stand in the environment under our prefix: secrets, the settings file's path, and the test suite's own.
_FOREIGN = (SECRET_PREFIX, FILE_VARIABLE, "MONITOR_EVAL_", "MONITOR_TEST_")


class Settings(BaseSettings):
    """All settings. Paths are absolute once loaded; `repr` and dumps hold no secret."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    database: Database = Field(
        default_factory=lambda: default_database(),  # noqa: PLW0108 - defined below
        repr=False,
        description="Where everything is stored: SQLite by default, PostgreSQL where several daemons share the work",
    )
    http: Http = Field(default_factory=Http, description="Metrics and health")
    feeds: Paths = Field(default=(Path("seeds/feeds.yml"),), description="Feed lists, YAML or OPML")
    watchlists: Paths = Field(default=(Path("watchlists"),), description="Watchlist files, or directories of them")
    channels: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        repr=False,
        description="Ways out by name, each with `type` and its options; `console` exists without being named",
    )
    polling: Polling = Field(default_factory=Polling, description="How feeds are asked")
    novelty: Novelty = Field(default_factory=Novelty, description="What is remembered to tell news from repetition")
    retention: Retention = Field(default_factory=Retention, description="How long things are kept")
    alerts: Alerts = Field(default_factory=Alerts, description="What holds for the alerts of all rules")
    operator: Operator = Field(default_factory=Operator, description="What the program tells about itself")
    log: Log = Field(default_factory=Log, description="What is written to standard error")

    _file: Path | None = PrivateAttr(default=None)
    _tree: Node | None = PrivateAttr(default=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment override the file, which arrives as init values. Nothing else is read."""
        return env_settings, init_settings

    @property
    def file(self) -> Path | None:
        """The file that was read, or None where there was none."""
        return self._file

    def place(self, *keys: str | int) -> Place:
        """Return where a setting stands: in the environment, in the file, or the file's beginning."""
        return _place(keys, self._tree, self._file)

    def secret(self, name: str) -> SecretStr:
        """Return a secret by its name (`secret:slack-desk`, the prefix may be left out). Raises InputError."""
        return secret(name)

    def shown(self) -> dict[str, Any]:
        """Return the settings as plain values that may be shown to anybody."""
        values: dict[str, Any] = self.model_dump(mode="json")
        values["channels"] = {name: _shown_channel(options) for name, options in self.channels.items()}
        return values


def secret(name: str) -> SecretStr:
    """Look a secret up in the environment, then in systemd's credentials directory. Raises InputError."""
    bare = name.removeprefix(SECRET)
    if SECRET_NAME.fullmatch(bare) is None:
        raise InputError(
            "a secret's name has letters, digits, points and hyphens only. Fix: write e.g. secret:slack-desk"
        )
    variable = SECRET_PREFIX + re.sub(r"[-.]", "_", bare).upper()
    if os.environ.get(variable):
        return SecretStr(os.environ[variable])
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if directory:
        try:
            with (Path(directory) / bare).open(encoding="utf-8") as stream:
                value = stream.read(MAX_SECRET).strip("\r\n")
        except FileNotFoundError:
            value = ""
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"secret {bare!r} can't be read from {directory}: {type(error).__name__}") from None
        if value:
            return SecretStr(value)
    raise InputError(f"secret {bare!r} is not set. Fix: set {variable}, or LoadCredential={bare}:… in the systemd unit")


def load_settings(path: Path | None = None) -> Settings:
    """Read settings from the file, or from where one is looked for, and from the environment. Raises ConfigError.

    Looked for, in this order: $MONITOR_SETTINGS, ./monitor.yml, $CONFIGURATION_DIRECTORY/monitor.yml. Without any,
    the defaults hold. Relative paths start at the file's directory, without a file at the working directory.
    """
    file = path or _found()
    tree, problems = read(file) if file is not None else (None, [])
    values = plain(tree) if tree is not None else {}
    if not problems and not isinstance(values, dict | None):
        problems = [Place(str(file)).problem("settings must be keys and values", "write `key: value` lines")]
    if problems:
        raise ConfigError(problems)
    problems = _unknown_variables()
    try:
        settings = Settings(**{key: value for key, value in (values or {}).items() if value is not None})
    except ValidationError as error:
        raise ConfigError([*problems, *(_problem(detail, tree, file) for detail in error.errors())]) from None
    except SettingsError as error:
        message = f"a value in the environment can't be read: {error}"
        raise ConfigError([*problems, Place("environment").problem(message, "write it as JSON")]) from None
    if problems:
        raise ConfigError(problems)
    return _settled(settings, tree, file)


def _settled(settings: Settings, tree: Node | None, file: Path | None) -> Settings:
    """Make paths absolute, look up a secret database address, and see that the store can rebuild the memory."""
    memory, kept = settings.novelty, settings.retention.days
    if memory.memory_days > kept and "memory_days" in memory.model_fields_set:
        message = (
            f"novelty.memory_days {memory.memory_days} is more than retention.days {kept}, so that a restart forgets"
        )
        fix = "keep articles as long as they are remembered: raise retention.days, or lower novelty.memory_days"
        raise ConfigError([_place(("novelty", "memory_days"), tree, file).problem(message, fix)])
    base = file.resolve().parent if file is not None else Path.cwd()
    database = settings.database
    if database.startswith(SECRET):
        try:
            database = check_database(secret(database).get_secret_value())
        except (InputError, PydanticCustomError) as error:
            raise ConfigError([_place(("database",), tree, file).problem(str(error))]) from None
    if database.startswith("sqlite:///"):
        name, mark, query = database.removeprefix("sqlite:///").partition("?")
        database = f"sqlite:///{base / Path(name).expanduser()}{mark}{query}"
    settled = settings.model_copy(
        update={
            "database": database,
            "feeds": tuple(base / path.expanduser() for path in settings.feeds),
            "watchlists": tuple(base / path.expanduser() for path in settings.watchlists),
            "channels": {name: _with_template(options, base) for name, options in settings.channels.items()},
        }
    )
    settled._file, settled._tree = file, tree
    return settled


def _with_template(options: dict[str, Any], base: Path) -> dict[str, Any]:
    """Return a channel's options with its template's path made absolute."""
    template = options.get("template")
    return options | {"template": str(base / Path(template).expanduser())} if isinstance(template, str) else options


def _found() -> Path | None:
    """Return the settings file that nobody named, if there is one."""
    named = os.environ.get(FILE_VARIABLE)
    if named:
        return Path(named)
    directories = [".", *_directories("CONFIGURATION_DIRECTORY")]
    return next((Path(each) / FILE_NAME for each in directories if (Path(each) / FILE_NAME).is_file()), None)


def default_database() -> str:
    """Return SQLite in systemd's state directory, else in the user's."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    directory = next(iter(_directories("STATE_DIRECTORY")), str(Path(home) / "monitor"))
    return f"sqlite:///{Path(directory) / 'monitor.db'}"


def _directories(variable: str) -> list[str]:
    """Return the directories that systemd hands over, separated by colons."""
    return [part for part in os.environ.get(variable, "").split(":") if part]


def _unknown_variables() -> list[Problem]:
    """Note every variable under our prefix that names no setting."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    names = [name for name in os.environ if name.upper().startswith(PREFIX) and not name.upper().startswith(_FOREIGN)]
    return [
        Place(f"${name}").problem("this variable names no setting", nearest(name.partition("__")[0], known, "settings"))
        for name in sorted(names)
        if name.partition("__")[0].upper() not in known
    ]


def _problem(detail: ErrorDetails, tree: Node | None, file: Path | None) -> Problem:
    """Turn one of pydantic's errors into a problem at its place, without the value."""
    keys = detail["loc"]
    name = ".".join(str(key) for key in keys)
    where = _place(keys, tree, file, key=detail["type"] == "extra_forbidden")
    if detail["type"] == "extra_forbidden":
        model = _model(keys[:-1])
        known = list(model.model_fields) if model else []
        return where.problem(f"unknown key {str(keys[-1])!r} in {'.'.join(map(str, keys[:-1])) or 'settings'}",
                             nearest(str(keys[-1]), known, "known keys"))  # fmt: skip
    context: Mapping[str, Any] = detail.get("ctx", {})
    if detail["type"] == "wrong":
        return where.problem(str(context["message"]), str(context["fix"]))
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    return where.problem(f"{name}: {message}", _hint(keys))


def _model(keys: tuple[str | int, ...]) -> type[BaseModel] | None:
    """Return the part of the settings at this path, or None where it is no part."""
    model: type[BaseModel] = Settings
    for key in keys:
        field = model.model_fields.get(str(key))
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return None
        model = field.annotation
    return model


def _hint(keys: tuple[str | int, ...]) -> str:
    """Say what the setting at this path is, with its default."""
    for length in range(len(keys), 0, -1):
        model = _model(keys[: length - 1])
        field = model.model_fields.get(str(keys[length - 1])) if model else None
        if field is not None:
            default = field.default if isinstance(field.default, str | int | float) else None
            meaning = f"{keys[length - 1]} means: {field.description}"
            return meaning if default is None else f"{meaning}; {default} by default"
    return "see the README's table of settings"


def _place(keys: tuple[str | int, ...], tree: Node | None, file: Path | None, *, key: bool = False) -> Place:
    """Return where a value (or with `key` its key) stands: the environment's variable, or the file's line."""
    names = [str(part).upper() for part in keys]
    for length in range(len(names), 0, -1):
        variable = PREFIX + "__".join(names[:length])
        if any(name.upper() == variable for name in os.environ):
            return Place(f"${variable}")
    place = Place(str(file) if file is not None else "settings")
    node = tree
    for part in keys:
        if isinstance(node, Tree) and (entry := node.get(str(part))) is not None:
            place, node = (entry.place if key and part == keys[-1] else entry.value.place), entry.value
        elif isinstance(node, Listing) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            place = node.place
        else:
            break
    return place


def _shown_channel(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a channel's options with everything masked that could be a secret; a secret's name is none."""
    return {key: value if key == "type" or _harmless(value) else MASK for key, value in options.items()}


def _harmless(value: object) -> bool:
    """Tell whether a value may be shown: numbers, truth values, and secrets' names."""
    return (
        value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and value.startswith(SECRET))
    )
