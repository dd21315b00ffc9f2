"""Registering for multi-factor sign-in: what is shown is kept apart until all of it is there, and
then becomes what the person signs in with."""

from idp import secret
from idp.factors import FieldError, phone
from idp.factors.password import Password, unfit
from idp.flow import history
from idp.flow.facts import Ask
from idp.flow.methods import EMPLOYEE, PHONE_CODES
from idp.flow.proofs import valid_events
from idp.settings import Settings
from idp.store import account_credentials, accounts, enrolments, lock, organizations
from idp.store.accounts import Account
from idp.store.endings import end
from idp.typed import fold
from idp.visit.notices import Notices
from idp.visit.visit import Visit


class Enrolling:
    """One for a process."""

    def __init__(self, settings: Settings, password: Password, notices: Notices) -> None:
        self._countries = settings.phone.countries
        self._hold, self._issuer = settings.lifetimes.new_phone_hold, settings.issuer
        self._password = password
        self._notices = notices

    def choose_method(self, visit: Visit, account: Account, method: str) -> FieldError | None:
        """By phone or by email, as far as these options are offered. An address on file is the one to
        be proven."""
        if method == EMPLOYEE or method not in visit.facts.options:
            return FieldError("method_unknown")
        if visit.known.enrolment and visit.known.enrolment.account_id == account.id:
            enrolments.change(visit.known.enrolment.id, method=method)
            return None
        by_old_phone = any(
            proof.method in PHONE_CODES and proof.account == account.id
            for proof in valid_events(visit.facts)
        )
        begun = enrolments.add(
            account.id,
            visit.interaction.id,
            method,
            visit.now,
            address=accounts.on_file(account) or None,
            by_old_phone=by_old_phone,
        )
        visit.add_fact(history.ENROLMENT_BEGUN, begun, account.id)
        visit.audit("enrolment_begun", "success", account.id, by=method)
        return None

    def give_address(self, visit: Visit, address: str) -> None:
        """An address, where none is on file; the one before it counts no more."""
        assert visit.known.enrolment is not None
        enrolments.change(visit.known.enrolment.id, address=address, address_verified_at=None)

    def forget_address(self, visit: Visit, account: Account) -> None:
        """Change: another address, where none is on file."""
        if visit.known.enrolment and not accounts.on_file(account):
            enrolments.change(visit.known.enrolment.id, address=None, address_verified_at=None)

    def give_number(self, visit: Visit, typed: str, country: str) -> FieldError | None:
        """A phone, however its number was typed."""
        assert visit.known.enrolment is not None
        if why := phone.wrong(typed, country, self._countries):
            return FieldError(why)
        enrolments.change(
            visit.known.enrolment.id, phone=phone.read(typed, country), factor_verified_at=None
        )
        return None

    def forget_number(self, visit: Visit) -> None:
        """Change, on the page of the code: another number can be entered."""
        assert visit.known.enrolment is not None
        enrolments.change(visit.known.enrolment.id, phone=None, factor_verified_at=None)

    def unfit(self, visit: Visit, account: Account, typed: str) -> FieldError | None:
        """Why this cannot be the person's new password."""
        row = visit.known.enrolment
        names = (
            account.username,
            account.given_name,
            account.family_name,
            account.contact_email,
            account.sign_in_address or "",
            (row and row.address) or "",
        )
        places = [one["name"] for one in organizations.of_account(account.id)]
        why = unfit(typed, [*names, *places, visit.brand.name, visit.brand.site])
        return FieldError(why) if why else None

    def hashed(self, account: Account, typed: str) -> str | None:
        """The hash of a new password; None for the one that the account has. Takes its time; no
        transaction may be open. Raises Busy."""
        return (
            None
            if self._password.check(account.password_hash, typed).right
            else self._password.made(typed)
        )

    def make_password(self, visit: Visit, made: str) -> None:
        """Keep the hash for when the registration is kept."""
        if visit.known.enrolment and visit.answer == Ask("new-password", "password_not_made"):
            enrolments.change(visit.known.enrolment.id, password_hash=made)

    @staticmethod
    def verified(visit: Visit, method: str, target: str) -> bool:
        """A code came back from this address or factor; whether it is still the one that is being
        registered."""
        row = visit.known.enrolment
        verify = enrolments.verify_address if method == "email_code" else enrolments.verify_factor
        return row is not None and verify(row.id, target, visit.now)

    def keep(self, visit: Visit, account: Account) -> FieldError | None:
        """All of it is there: from now on the person signs in with it, and with nothing else."""
        row = visit.known.enrolment
        assert row is not None and row.address is not None
        lock(f"address:{fold(row.address)}")
        if accounts.signed_in_with(row.address, account.id):  # someone else was quicker
            enrolments.change(
                row.id,
                address_verified_at=None,
                **({} if accounts.on_file(account) else {"address": None}),
            )
            return FieldError("address_gone", elsewhere=True)
        if not enrolments.keep(row.id, visit.now):
            return None
        before, number = account, row.phone if row.method == "phone" else None
        account_credentials.change_credentials(
            account, visit.now, visit.interaction.id, row.password_hash, row.address, number
        )
        self._hold_phone(visit, before, number)
        # it was made here, and typed twice
        visit.add_fact(history.PROOF_GIVEN, "password", account.id)
        ended = end("registered", account.id, visit.now)
        for organization in organizations.settle_roles(account.id):
            visit.audit("administrator_made", "success", account.id, organization=organization)
        anew = before.sign_in_address is not None
        visit.audit(
            "registered_anew" if anew else "registered",
            "success",
            account.id,
            organization=organizations.first_of(account.id),
            by=row.method,
            **ended,
        )
        told = accounts.by_id(account.id)
        assert told is not None
        last_digits = number[-4:] if number else None
        self._notices.tell(
            visit,
            told,
            "registered_anew" if anew else "registered",
            also=before.contact_email,
            address=row.address,
            phone=last_digits,
        )
        return None

    def _hold_phone(self, visit: Visit, before: Account, number: str | None) -> None:
        """A phone that comes in the place of a registration, without a code to the one before it,
        proves less for a while: mailbox and password might be stolen. The owner is told by both
        channels, and can say that it was not them; also where no phone follows."""
        hold, row = self._hold, visit.known.enrolment
        # its phone proves nothing of the one before
        held = before.new_phone_until is not None and visit.now < before.new_phone_until
        if held and number == before.phone:
            return  # the same once more: what is held is held, and can be undone
        if (
            not hold
            or before.sign_in_address is None
            or (not held and (number == before.phone or (row and row.by_old_phone)))
        ):
            if not held:
                account_credentials.hold_phone(before.id, None, None, None)
            return
        stop = secret.plain_token()
        account_credentials.hold_phone(
            before.id,
            visit.now + hold,
            before.phone_before if held else before.phone,
            secret.digest(stop),
        )
        visit.audit(
            "phone_held",
            "success",
            before.id,
            hours=hold // 3600,
            had_phone=before.phone is not None,
            removed=number is None,
        )
        self._notices.phone_replaced(
            visit, before, f"{self._issuer}/stop/{stop}", number[-4:] if number else "", hold
        )
