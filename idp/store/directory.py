"""The directory: who is found where. One row for everyone in all, and one for each organization
they belong to, in the order of usernames, with the text that a search looks through: so that a page
costs the same in an organization of five and in one of fifty thousand."""

from sqlalchemy import Index, String, bindparam, column, delete, insert, not_, or_, select, update
from sqlalchemy import table as sql_table
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.database import Base, LongText, escaped, rows, run, table

EVERYBODY = ""  # stands for an organization that all accounts belong to


class Entry(Base):
    """A person in an organization, in the order of usernames, with what they are found by."""

    __tablename__ = "directory"
    __table_args__ = (Index("ix_directory_account", "account_id"), {"sqlite_with_rowid": False})

    organization_id: Mapped[str] = mapped_column(primary_key=True)
    # pages are merged here
    username_key: Mapped[str] = mapped_column(
        String(255).with_variant(String(255, collation="C"), "postgresql"), primary_key=True
    )
    account_id: Mapped[str]
    found_by: Mapped[str] = mapped_column(LongText)  # folded: username, names and addresses


DIRECTORY = table(Entry)

_ADD = insert(DIRECTORY)
_OF_ACCOUNT = DIRECTORY.c.account_id == bindparam("who")
_ENTER = insert(DIRECTORY).from_select(
    ["organization_id", "username_key", "account_id", "found_by"],
    select(
        bindparam("of", type_=String()),
        DIRECTORY.c.username_key,
        DIRECTORY.c.account_id,
        DIRECTORY.c.found_by,
    ).where(_OF_ACCOUNT, DIRECTORY.c.organization_id == EVERYBODY),
)
_LEAVE = delete(DIRECTORY).where(_OF_ACCOUNT, DIRECTORY.c.organization_id == bindparam("of"))
_REMOVE = delete(DIRECTORY).where(_OF_ACCOUNT)
_CHANGE = (
    update(DIRECTORY)
    .where(_OF_ACCOUNT)
    .values(username_key=bindparam("new_key"), found_by=bindparam("new_text"))
)
_PAGE = (
    select(DIRECTORY)
    .where(
        DIRECTORY.c.organization_id == bindparam("of"), DIRECTORY.c.username_key > bindparam("key")
    )
    .order_by(DIRECTORY.c.username_key)
    .limit(bindparam("most"))
)
MOST_WORDS = 4  # of a search; what follows is not looked for
_CONTAINS = [
    DIRECTORY.c.found_by.contains(bindparam(f"word_{number}"), autoescape=False, escape="\\")
    for number in range(MOST_WORDS)
]
# `accounts` stands on this module
_PEOPLE = sql_table("accounts", column("id"), column("sign_in_address"), column("upstream"))
_REGISTERED = or_(_PEOPLE.c.sign_in_address.is_not(None), _PEOPLE.c.upstream.is_not(None))
_AMONG = {
    None: _PAGE,
    True: _PAGE.join(_PEOPLE, _PEOPLE.c.id == DIRECTORY.c.account_id).where(_REGISTERED),
    False: _PAGE.join(_PEOPLE, _PEOPLE.c.id == DIRECTORY.c.account_id).where(not_(_REGISTERED)),
}
_FOUND = {
    (registered, words): question.where(*_CONTAINS[:words])
    for registered, question in _AMONG.items()
    for words in range(MOST_WORDS + 1)
}


def add(account_id: str, username_key: str, found_by: str) -> None:
    """A new account, which belongs to no organization yet."""
    run(
        _ADD,
        organization_id=EVERYBODY,
        username_key=username_key,
        account_id=account_id,
        found_by=found_by,
    )


def enter(account_id: str, organization_id: str) -> None:
    """Let a person be found in an organization."""
    run(_ENTER, who=account_id, of=organization_id)


def leave(account_id: str, organization_id: str) -> None:
    """Let a person no longer be found in an organization."""
    run(_LEAVE, who=account_id, of=organization_id)


def remove(account_id: str) -> None:
    """It is found nowhere any more."""
    run(_REMOVE, who=account_id)


def change(account_id: str, username_key: str, found_by: str) -> None:
    """Username, name or address are others now."""
    run(_CHANGE, who=account_id, new_key=username_key, new_text=found_by)


def page(
    organization_id: str, after: str, most: int, wanted: str = "", registered: bool | None = None
) -> list[Entry]:
    """Who follows this username (folded) in an organization, or among EVERYBODY; of those, who has
    each word of `wanted` (folded) somewhere in username, names or addresses; and who can sign in,
    or cannot because they have not registered, where that is asked."""
    looked_for = {f"word_{number}": escaped(word) for number, word in enumerate(words(wanted))}
    return list(
        rows(
            _FOUND[registered, len(looked_for)],
            Entry,
            of=organization_id,
            key=after,
            most=most,
            **looked_for,
        )
    )


def words(wanted: str) -> list[str]:
    """What a search looks for, whichever name comes first: 'vale, imogen' is found as 'imogen
    vale'."""
    return wanted.replace(",", " ").split()[:MOST_WORDS]
