"""Whom a code or a call goes to, and by which factor: that depends on what someone is doing."""

from collections.abc import Mapping

from idp.factors import Recipient
from idp.factors.email_code import to_forgetful, to_new_address
from idp.factors.factor import SecondStep
from idp.factors.phone import to_phone
from idp.flow.facts import Facts
from idp.flow.steps import own_enrolment
from idp.secret import Vault
from idp.store import accounts, enrolments
from idp.store.accounts import Account
from idp.store.enrolments import Enrolment

ENROLLING: Mapping[str, str] = {
    "email_code": "address_code",
    "sms_code": "number_code",
    "voice_code": "number_call",
}
RECOVERING: Mapping[str, str] = {"email_code": "recovery_code"}


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


def factor(facts: Facts, method: str) -> str:
    """The factor that obtains a proof by this method in this journey."""
    if enrolling(facts):
        return ENROLLING.get(method, method)
    return RECOVERING.get(method, method) if facts.journey == "recover" else method


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
    by_mail = used.method == "email_code"
    if enrolling(facts) and account and enrolment:
        if by_mail:
            return (
                to_new_address(
                    account,
                    enrolment.address,
                    accounts.signed_in_with(enrolment.address, account.id),
                )
                if enrolment.address
                else None
            )
        return to_phone(account.id, enrolment.phone) if enrolment.phone else None
    if facts.journey == "recover" and by_mail:
        return (
            to_forgetful(accounts.by_address(named), _owner(named), named, vault) if named else None
        )
    return used.recipient(account) if account else None
