"""A feed's own headers with secrets that are not there or can't be used."""

from __future__ import annotations

import pytest

from monitor.errors import FetchError, InputError
from monitor.feeds.fetch import Fetcher
from tests.feeds.builders import NOW, a_state
from tests.feeds.site import Site


def test_a_secret_that_can_not_be_used_fails_its_feed_alone(web: Site) -> None:
    """A secret that the settings do not have, or that no header may hold, is a fault of the feed; none is shown."""

    def lookup(name: str) -> str:
        if name == "secret:absent":
            raise InputError("secret 'absent' is not set. Fix: set it")
        return "hidden\nvalue"

    for name, words in (("absent", "no value"), ("broken", "no header")):
        state = a_state(web.serve("/f", "x"), feed_headers={"Authorization": f"secret:{name}"})
        with Fetcher(secret=lookup) as own, pytest.raises(FetchError, match=words) as caught:
            own.get(state, NOW)
        assert caught.value.reason == "secret"
        assert "hidden" not in str(caught.value)


def test_secret_without_value_is_named_not_sent(web: Site, fetcher: Fetcher) -> None:
    """A missing secret is the operator's to mend; the request is not made without it."""
    url = web.serve("/f", "x")
    with pytest.raises(FetchError, match="secret:feed-key") as caught:
        fetcher.get(a_state(url, feed_headers={"Authorization": "secret:feed-key"}), NOW)
    assert caught.value.reason == "secret"
    assert web.log == []
