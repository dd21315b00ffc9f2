"""The carrier of mail in production: SMTP (RFC 5321), with STARTTLS unless switched off."""

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid, parseaddr

from idp import clock
from idp.delivery import LOGO, CarrierError, Content, NotSentError
from idp.secret import Secret
from idp.settings import Mail
from idp.typed import for_mail_servers


class Smtp:
    """One connection a message: the worker sends few at a time, and an idle connection goes
    stale."""

    def __init__(self, mail: Mail, password: Secret, sender: str) -> None:
        self._mail = mail
        self._password = password
        self._sender = sender

    def send(self, recipient: str, content: Content) -> None:
        """Hand the message to the server. Raises NotSentError or CarrierError."""
        recipient = for_mail_servers(recipient)
        message = EmailMessage()
        sender = content.sender or self._sender
        if self._mail.sender:  # the deployment's own address, under the brand's name
            sender = formataddr((parseaddr(sender)[0], self._mail.sender))
        message["From"], message["To"], message["Subject"] = (
            sender,
            recipient,
            content.subject or "",
        )
        message["Date"], message["Message-ID"] = (
            formatdate(clock.now()),
            make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2]),
        )
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(content.text)
        if content.html:
            logo = make_msgid("logo", parseaddr(sender)[1].rpartition("@")[2])
            message.add_alternative(content.html.replace(LOGO, f"cid:{logo[1:-1]}"), subtype="html")
            if content.logo:
                *_, html = message.iter_parts()
                html.add_related(
                    content.logo,
                    "image",
                    "png",
                    cid=logo,
                    filename="logo.png",
                    disposition="inline",
                )
        try:
            server = smtplib.SMTP(self._mail.host, self._mail.port, timeout=self._mail.timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSentError(f"{type(error).__name__}: {error}") from error
        try:
            if self._mail.starttls:
                server.starttls(context=ssl.create_default_context())
            if self._mail.username:
                server.login(self._mail.username, self._password.reveal())
            self._hand_over(server, message, recipient)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSentError(f"{type(error).__name__}: {error}") from error
        finally:
            self._leave(server)

    @staticmethod
    def _leave(server: smtplib.SMTP) -> None:
        """Say goodbye; what the server answers changes nothing about the message it took."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()

    @staticmethod
    def _hand_over(server: smtplib.SMTP, message: EmailMessage, recipient: str) -> None:
        try:
            server.send_message(message, to_addrs=[recipient])  # whatever a header could be read as
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            if all(400 <= code < 500 for code in codes):
                raise  # try later
            raise CarrierError(f"recipient refused: {codes}") from error
        except (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError) as error:
            if isinstance(error, smtplib.SMTPResponseException) and 400 <= error.smtp_code < 500:
                raise
            raise CarrierError(str(error)) from error
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise CarrierError(
                f"connection lost while the message was handed over: {error}"
            ) from error


def fault(mail: Mail, password: Secret) -> tuple[str, str] | None:
    """What is wrong with the mail server, and what to do: connection, STARTTLS and sign-in are
    tried, nothing is sent."""
    where = f"{mail.host}:{mail.port}"
    try:
        with smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout) as server:
            if mail.starttls:
                server.starttls(context=ssl.create_default_context())
            if mail.username:
                server.login(mail.username, password.reveal())
            server.noop()
    except smtplib.SMTPAuthenticationError:
        return (
            f"{where} refuses the user {mail.username}.",
            "Check mail.username and the file of mail.password_file.",
        )
    except smtplib.SMTPNotSupportedError as error:
        return (
            f"{where} cannot do what the settings ask: {error}",
            "Check mail.port (587 for STARTTLS), mail.starttls and mail.username.",
        )
    except ssl.SSLError as error:
        return (
            f"{where} has a certificate that is not accepted: {error}",
            "Name the server as its certificate does.",
        )
    except (OSError, smtplib.SMTPException) as error:
        return (
            f"{where} cannot be reached: {error}",
            "Check mail.host and mail.port, and that the firewall lets this machine out.",
        )
    return None
