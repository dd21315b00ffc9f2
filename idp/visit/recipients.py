"""Whom a code or a call goes to, and by which factor: that depends on what someone is doing."""

from idp.factors import Recipient
from idp.factors.email_code import to_forgetful
from idp.factors.factor import RECOVERY, SET_UP, SIGN_IN, SecondStep
from idp.factors.table import Factors
from idp.flow.facts import Facts
from idp.flow.steps import own_enrolment
from idp.secret import Vault
from idp.store import accounts, enrolments
from idp.store.accounts import Account
from idp.store.enrolments import Enrolment


def _owner(address: str) -> Account | None:
    """Who has this address on file, or left a registration with it. All of it is looked up for
    strangers too."""
    left, on_file = enrolments.left_at(address), accounts.reached_by(address)
    stopped = accounts.by_id(left.account_id if left else "")
    return on_file or stopped


def enrolling(facts: Facts) -> bool:
    """Whether what is proven here is about to be registered, and is not on record yet."""
    enrolment = own_enrolment(facts)
    return enrolment is not None and not enrolment.kept


def factor(factors: Factors, facts: Facts, method: str) -> str:
    """The factor that obtains a proof by this method in this journey."""
    if enrolling(facts):
        return factors.named(method, SET_UP)
    return factors.named(method, RECOVERY if facts.journey == "recover" else SIGN_IN)


def recipient(
    facts: Facts,
    used: SecondStep,
    account: Account | None,
    enrolment: Enrolment | None,
    named: str | None,
    vault: Vault,
) -> Recipient | None:
    """Whom a proof by this factor is about, and where a code goes to; None where that is not known
    yet."""
    if used.purpose == RECOVERY:  # also of an address that no one has
        return (
            to_forgetful(accounts.by_address(named), _owner(named), named, vault) if named else None
        )
    return used.recipient(account, enrolment) if account else None
