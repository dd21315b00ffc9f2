"""Facts and answers as a decision record keeps them: JSON and back, without loss, so that any
decision can be taken again.

What has its default value is left out. A new field of `Facts` needs nothing here.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from idp.flow.earlier import of_today
from idp.flow.facts import Answer, Ask, Do, Facts, Issue, Refuse, Rules
from idp.flow.rules import SHIPPED

T = TypeVar("T")
KINDS: Mapping[str, type[Any]] = {"ask": Ask, "do": Do, "refuse": Refuse, "issue": Issue}


def encode(value: Any) -> Any:
    """A value of the flow as JSON has it."""
    if value is None or isinstance(value, str | int | float):
        return value
    which: Any = type(value)  # functools.cache wants something hashable, which a type is
    if (defaults := _defaults(which)) is not None:
        kept = ((name, getattr(value, name), default) for name, default in defaults)
        return {name: encode(held) for name, held, default in kept if held != default}
    if isinstance(value, frozenset):
        return (
            sorted(value)
            if all(isinstance(one, str) for one in value)
            else sorted(encode(one) for one in value)
        )
    if isinstance(value, tuple):
        return [encode(one) for one in value]
    if isinstance(value, Mapping):
        return {name: encode(held) for name, held in value.items()}
    return value


def decode(kind: type[T], kept: Mapping[str, Any], **more: Any) -> T:
    """What `encode` made of a value of this dataclass; `more` is what it does not keep. Fields that
    this program does not know are passed over."""
    which: Any = kind  # functools.cache wants something hashable, which a type is
    types = _types(which)
    return kind(
        **{
            one.name: _decoded(types[one.name], kept[one.name])
            for one in _kept(which)
            if one.name in kept
        },
        **more,
    )


def facts(kept: Mapping[str, Any], tables: int, policy: Rules = SHIPPED) -> Facts:
    """The facts of a decision record that was made by this version of the tables, to be decided by
    these rules."""
    return decode(Facts, of_today(kept, tables), policy=policy)


def encode_answer(answer: Answer) -> dict[str, Any]:
    """An answer, with its kind."""
    kind = next(name for name, one in KINDS.items() if isinstance(answer, one))
    return {"kind": kind, **encode(answer)}


def answer(kept: Mapping[str, Any]) -> Answer:
    """The answer of a decision record."""
    found: Answer = decode(KINDS[kept["kind"]], kept)
    return found


def _decoded(kind: Any, kept: Any) -> Any:
    origin, within = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return (
            None
            if kept is None
            else _decoded(next(one for one in within if one is not type(None)), kept)
        )
    if origin is frozenset:
        return frozenset(_decoded(within[0], one) for one in kept)
    if origin is tuple:
        each = [within[0]] * len(kept) if within[-1] is Ellipsis else within
        return tuple(_decoded(one, held) for one, held in zip(each, kept, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {name: _decoded(within[1], held) for name, held in kept.items()}
    return decode(kind, kept) if isinstance(kind, type) and is_dataclass(kind) else kept


@cache
def _kept(kind: Any) -> tuple[Field[Any], ...]:
    return tuple(one for one in fields(kind) if one.metadata.get("kept", True))


@cache
def _types(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...] | None:
    """The fields of a dataclass that are kept, with their defaults; None for another type."""
    if not is_dataclass(kind):
        return None
    which: Any = kind  # functools.cache wants something hashable, which a type is
    return tuple(
        (one.name, one.default_factory() if one.default_factory is not MISSING else one.default)
        for one in _kept(which)
    )
