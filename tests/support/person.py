"""A person at a browser without JavaScript: reads headings, fills fields by their labels, presses
buttons by their words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

VOID = {"input", "meta", "link", "img", "br", "hr", "option"}


@dataclass
class Button:
    text: str = ""
    name: str = ""
    value: str = ""
    disabled: bool = False
    action: str = ""


@dataclass
class Form:
    action: str
    method: str
    id: str = ""
    ticks: dict[str, str] = field(default_factory=dict)  # boxes, and what they send when ticked
    fields: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


class Page(HTMLParser):
    """What a simple user agent makes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.title, self.heading, self.text = html, "", "", ""
        self.errors: list[str] = []
        self.notices: list[str] = []  # what takes a moment, and is no mistake
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._stack: list[tuple[str, dict[str, str | None]]] = []
        self._labels: dict[str, str] = {}
        self._href = ""
        self._button: Button | None = None
        self._elsewhere: list[tuple[str, Button]] = []
        self.feed(html)
        for form in self.forms:
            form.buttons += [button for where, button in self._elsewhere if where == form.id]
            form.labels = {
                " ".join(text.split()): name
                for name, text in self._labels.items()
                if name in form.fields or name in form.ticks
            }
        self.errors = [text.strip() for text in self.errors]
        self.fields = {name: value for form in self.forms for name, value in form.fields.items()}
        self.labels = {label for form in self.forms for label in form.labels}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append(
                Form(
                    given.get("action") or "",
                    (given.get("method") or "get").lower(),
                    given.get("id") or "",
                )
            )
        elif tag == "input" and self.forms and "disabled" not in given:
            if given.get("type") == "checkbox":
                self.forms[-1].ticks[given.get("name") or ""] = given.get("value") or "on"
                if "checked" not in given:
                    return
            self.forms[-1].fields[given.get("name") or ""] = given.get("value") or ""
        elif tag in ("select", "textarea") and self.forms:
            self.forms[-1].fields[given.get("name") or ""] = ""
        elif tag == "option" and self.forms and self._stack and self._stack[-1][0] == "select":
            chosen, name = given.get("value"), self._stack[-1][1].get("name") or ""
            if "selected" in given or not self.forms[-1].fields[name]:
                self.forms[-1].fields[name] = chosen or ""
        elif tag == "button" and self.forms:
            self._button = Button(
                "",
                given.get("name") or "",
                given.get("value") or "",
                "disabled" in given,
                given.get("formaction") or "",
            )
            if given.get("form"):
                self._elsewhere.append((given["form"] or "", self._button))
            else:
                self.forms[-1].buttons.append(self._button)
        elif tag == "a":
            self._href = given.get("href") or ""
        if given.get("class") == "error":
            self.errors.append("")
        if tag not in VOID:
            self._stack.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        while self._stack and self._stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._stack]
        if "script" in tags:
            return
        self.text += data
        if "title" in tags:
            self.title += data
        if "h1" in tags:
            self.heading += data
        if "button" in tags and self._button:
            self._button.text += data
        for tag, given in self._stack:
            if tag == "label":
                self._labels[given.get("for") or ""] = (
                    self._labels.get(given.get("for") or "", "") + data
                )
        if "a" in tags and data.strip():
            self.links[data.strip()] = self._href
        if any(given.get("class") == "error" for _, given in self._stack):
            self.errors[-1] += data
        if self._stack and self._stack[-1][1].get("class") == "notice" and data.strip():
            self.notices.append(data.strip())


class Person:
    """Follows redirects until a page is shown or the address belongs to a client."""

    def __init__(self, provider: str, also: tuple[str, ...] = ()) -> None:
        self.http = requests.Session()
        self.provider = provider
        self.own = {urlsplit(address).netloc for address in (provider, *also)}
        self.url = self.left_for = ""
        self.status = 0
        self.page = Page("")
        self.typed: dict[str, str] = {}
        self.trail: list[tuple[int, str]] = []

    def open(self, url: str, **options) -> "Person":
        return self._go("get", urljoin(self.url or self.provider, url), **options)

    def fill(self, label: str, value: str) -> "Person":
        self.typed[label] = value
        return self

    def tick(self, label: str, on: bool = True, form_id: str = "") -> "Person":
        """Tick a box, or empty it; of the form with this id, where several have one."""
        for form in self.page.forms:
            if label in form.labels and form_id in ("", form.id):
                name = form.labels[label]
                form.fields.pop(name, None)
                if on:
                    form.fields[name] = form.ticks[name]
                return self
        raise LookupError(f"no box {label!r} on the page {self.page.heading!r}")

    @property
    def buttons(self) -> list[str]:
        """What the buttons of the page say."""
        return [
            " ".join(button.text.replace("<", "").replace(">", "").split())
            for form in self.page.forms
            for button in form.buttons
        ]

    def press(self, text: str, **extra: str) -> "Person":
        """Send the form of the button with these words. Raises LookupError where there is none that
        can be pressed."""
        for form in self.page.forms:
            for button in form.buttons:
                if (
                    " ".join(button.text.replace("<", "").replace(">", "").split()) == text
                    and not button.disabled
                ):
                    data = dict(form.fields)
                    for label, value in self.typed.items():
                        data[form.labels[label]] = value
                    if button.name:
                        data[button.name] = button.value
                    self.typed = {}
                    return self._go(
                        form.method,
                        urljoin(self.url, button.action or form.action),
                        data={**data, **extra},
                    )
        raise LookupError(
            f"no button {text!r} on the page {self.page.heading!r} ({self.url}); there "
            f"are {[b.text for f in self.page.forms for b in f.buttons]}"
        )

    def send(self, url: str, form: dict[str, str]) -> "Person":
        """Post this form, whatever the page has."""
        return self._go("post", url, data=form)

    def follow(self, text: str) -> "Person":
        return self.open(self.page.links[text])

    @property
    def heading(self) -> str:
        return " ".join(self.page.heading.split())

    @property
    def cookies(self) -> dict[str, str]:
        return self.http.cookies.get_dict()

    def _go(self, method: str, url: str, **options) -> "Person":
        self.left_for = ""
        for _ in range(12):
            response = self.http.request(method, url, allow_redirects=False, timeout=30, **options)
            self.trail.append((response.status_code, url))
            self.response, self.url, self.status = response, url, response.status_code
            if response.status_code not in (301, 302, 303, 307):
                self.page = Page(response.text)
                return self
            url, method, options = urljoin(url, response.headers["Location"]), "get", {}
            if urlsplit(url).netloc not in self.own:
                self.left_for = url
                return self
        raise AssertionError(f"redirects without end: {self.trail[-12:]}")
