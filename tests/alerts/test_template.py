"""An operator's template: tried when it is read, boxed in, and never the reason that an alert is lost."""

from __future__ import annotations

import pytest

from monitor.alerts import describe, digest
from monitor.alerts.template import LIMIT, Template, _words
from monitor.alerts.text import FSI, PDI, plain
from monitor.errors import ConfigError
from tests.alerts.builders import NOW, alert, article

LINES = """
{{ severity|upper }}: {{ who }}
{% for quote in quotes %}
- {{ quote }}
{% endfor %}
{% for item in items %}
* {{ item.title }}
{% endfor %}
{{ link }}
"""


def test_an_alert_in_an_operators_words() -> None:
    """A template sees the alert's parts, names marked and foreign text isolated, and its words are what is said."""
    text = Template(LINES, "desk.j2").render(alert())
    quote = f"{FSI}أعلن ‹عمر حداد› أن الاجتماع سيعقد غداً.{PDI}"
    assert text == f"HIGH: Omar Haddad\n- {quote}\nhttps://news.example/1"


@pytest.mark.parametrize(
    "name", ["severity", "rule", "what", "who", "title", "source", "when", "why", "parts", "link", "story", "follows"]
)
def test_a_template_may_use_every_part(name: str) -> None:
    """Each word that the documents name is the part of that name."""
    one = alert(follows=NOW)
    value = getattr(describe(one), name)
    assert value
    shown = f"{FSI}{value}{PDI}" if name == "title" else value
    assert Template(f"{{{{ {name} }}}}", "t").render(one) == shown


def test_a_digest_in_an_operators_words() -> None:
    """A digest's items can be walked through."""
    text = Template(LINES, "desk.j2").render(digest([alert(key=f"{n:064x}") for n in range(2)], NOW))
    assert text.count(f"* {FSI}عمر حداد يعلن موعد الاجتماع{PDI}") == 2


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("a\n{% for %}", 2, "Expected an expression"),
        ("{{ titel }}", 1, "'titel' is undefined"),
        ("{{ title", 1, "unexpected end of template"),
        ("{{ 1 / 0 }}", 1, "division by zero"),
        ("{{ title.__class__.__mro__ }}", 1, "access to attribute '__class__'"),
        ("{{ quotes.append('x') }}", 1, "access to attribute 'append'"),
        ("{% include 'secret' %}", 1, "no loader"),
        ("{% for item in items %}{{ item.none }}{% endfor %}", 1, "has no attribute 'none'"),
    ],
)
def test_a_bad_template_is_told_when_it_is_read(source: str, line: int, message: str) -> None:
    """A template that can't be read, uses what isn't there or reaches out is refused with file, line and fix."""
    with pytest.raises(ConfigError) as caught:
        Template(source, "desk.j2")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("desk.j2", line)
    assert message in problem.message
    assert problem.column == 1
    assert problem.fix == f"a template may use {', '.join(_words(describe(alert())))}"


def test_a_template_that_fails_later_loses_no_alert() -> None:
    """If a template fails on an alert, the built-in words go out with the reason."""
    template = Template("{% if title.startswith('boom') %}{{ 1 / 0 }}{% endif %}x", "desk.j2")
    bad = alert(article=article(title="boom"))
    assert template.render(alert()) == "x"
    assert template.render(bad) == plain(describe(bad)) + "\n  (template desk.j2 failed: division by zero)"


def test_text_is_not_a_template() -> None:
    """What a feed says is never read as a template."""
    assert Template("{{ title }}", "t").render(alert(article=article(title="{{ 7 * 7 }}"))) == "{{ 7 * 7 }}"


def test_a_template_says_no_more_than_fits() -> None:
    """What a template makes too long is cut."""
    assert len(Template("{{ 'word ' * 9999 }}", "t").render(alert())) <= LIMIT
