"""Settings of time and number: lifetimes, retention, limits."""

from dataclasses import dataclass

from idp.settings.key import key as setting


@dataclass(frozen=True)
class Lifetimes:
    """How long things last, in seconds."""

    sign_in_email_code: int = setting(
        300, "seconds that an emailed sign-in code works after its email was handed over", 30, 600
    )
    code: int = setting(
        300,
        "seconds that an emailed code for registration or a forgotten password works "
        "after its email was handed over",
        60,
        600,
    )
    sms_code: int = setting(
        300, "seconds that a code works after its text message was handed over", 60, 600
    )
    call: int = setting(
        90, "seconds that a call rings and waits for keys before it counts as not answered", 30, 180
    )
    interaction_idle: int = setting(
        3600, "seconds that an unfinished sign-in lasts without activity", 300, 14400
    )
    interaction: int = setting(
        86400, "seconds that an unfinished sign-in lasts in total", 600, 172800
    )
    proof: int = setting(
        600, "seconds that a proof counts in a sign-in that is not finished yet", 300, 3600
    )
    enrolment: int = setting(
        3600, "seconds that a person stays identified while they register", 600, 14400
    )
    new_phone_hold: int = setting(
        86400,
        "seconds that a new phone counts for less if it was registered without a code to "
        "the previous phone; 0 turns this off",
        0,
        604800,
    )
    link: int = setting(
        1200,
        "seconds that an emailed link to register, reset or finish a registration works",
        300,
        86400,
    )
    invitation: int = setting(
        172800, "seconds that an administrator's invitation works", 3600, 1209600
    )
    trusted_device: int = setting(
        14400, "seconds that a trusted device lasts (Remember Me)", 600, 43200
    )
    session_idle: int = setting(900, "seconds that a session lasts without activity", 60, 3600)
    session: int = setting(14400, "seconds that a session lasts in total", 300, 86400)
    authorization_code: int = setting(
        60, "seconds that a client has to redeem an authorization code", 10, 60
    )
    access_token: int = setting(300, "seconds that an access token is valid", 60, 3600)
    id_token: int = setting(300, "seconds that an ID token is valid", 60, 3600)
    refresh_token: int = setting(
        43200, "seconds that the refresh tokens of one sign-in are valid in total", 300, 2592000
    )
    refresh_reuse_grace: int = setting(
        10,
        "seconds in which a used refresh token gets the same answer again, in case the "
        "answer was lost",
        0,
        60,
    )
    message: int = setting(
        300, "seconds that sending a message with a code is retried before it is dropped", 30, 600
    )
    signing_key_lead: int = setting(
        600, "seconds that a new signing key is published before it is used", 300, 604800
    )


@dataclass(frozen=True)
class Retention:
    """How long things are kept, in days."""

    visits: int = setting(
        30,
        "days that sign-ins are kept, with their codes and decision records, so that "
        "`idp explain` can explain them",
        4,
        365,
    )
    enrolments: int = setting(
        30,
        "days that an unfinished registration can be finished and reserves its username "
        "and address",
        1,
        365,
    )
    credentials: int = setting(
        400,
        "days that sign-in addresses and phones are kept after they were replaced or removed",
        30,
        2200,
    )
    links: int = setting(
        90,
        "days that emailed links are kept after they expire, so that an expired link can "
        "be told from an unknown one",
        2,
        365,
    )
    browsers: int = setting(
        400,
        "days that a browser is known after a sign-in, so that a new browser can be "
        "reported to its user",
        30,
        800,
    )
    sessions: int = setting(30, "days that sessions are kept after they begin", 2, 365)
    tokens: int = setting(
        7, "days that codes, grants and tokens are kept after they expire", 1, 365
    )
    messages: int = setting(
        30,
        "days that the outbox keeps a record of sent messages; their contents are deleted at once",
        1,
        365,
    )
    tries: int = setting(
        90, "days that attempts at passwords and codes are kept and counted", 7, 365
    )
    registration_codes: int = setting(
        90, "days that registration codes are kept after they expire", 1, 3650
    )
    answers: int = setting(
        1, "days that the management API repeats an answer for the same Idempotency-Key", 1, 7
    )
    inbox: int = setting(
        7, "days that messages stay in the inbox page of demo and development", 1, 365
    )
    audit: int = setting(
        2190, "days that the audit trail is kept; HIPAA requires six years", 365, 7300
    )


@dataclass(frozen=True)
class Limits:
    """How often things may be tried, sent and asked for, and how large they may be."""

    tries_per_code: int = setting(5, "wrong attempts that end a one-time code", 3, 10)
    tries_per_hour: int = setting(10, "attempts at an account's codes in an hour", 5, 20)
    tries_in_a_row: int = setting(
        100,
        "wrong codes in a row, by strangers or in one known browser, that end codes "
        "there until the owner or help desk acts",
        10,
        100,
    )
    send_pause: int = setting(30, "seconds between two codes to the same address", 10, 300)
    links_per_quarter_hour: int = setting(5, "emailed links for one account in 15 minutes", 2, 20)
    links_per_day: int = setting(20, "emailed links for one account in a day", 5, 60)
    sends_per_quarter_hour: int = setting(10, "unused codes to one address in 15 minutes", 3, 20)
    sends_per_day: int = setting(30, "unused codes to one address in a day", 5, 60)
    texts_per_quarter_hour: int = setting(
        5, "unused codes by text message to one number in 15 minutes", 2, 10
    )
    texts_per_day: int = setting(10, "unused codes by text message to one number in a day", 3, 30)
    calls_per_quarter_hour: int = setting(3, "unconfirmed calls to one number in 15 minutes", 1, 5)
    calls_per_day: int = setting(10, "unconfirmed calls to one number in a day", 3, 30)
    refused_call_wait: int = setting(
        3600, "seconds without calls after a call was refused with the star key", 900, 86400
    )
    free_passwords: int = setting(
        5, "wrong passwords in a row before each further attempt has to wait", 3, 10
    )
    passwords_in_a_row: int = setting(
        100,
        "wrong passwords in a row, from unknown browsers, after which the password works "
        "only in known browsers",
        20,
        100,
    )
    network_passwords: int = setting(
        200,
        "wrong passwords from one network in an hour, for any account; an organization's "
        "office is usually one network",
        20,
        10000,
    )
    password_wait: int = setting(
        5, "seconds of the first wait; each wait is twice as long as the one before", 1, 60
    )
    longest_password_wait: int = setting(300, "seconds of the longest wait", 60, 3600)
    body: int = setting(65536, "bytes in a request body", 4096, 65536)
    form_fields: int = setting(100, "fields in a form", 20, 100)
