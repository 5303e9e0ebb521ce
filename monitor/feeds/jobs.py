"""What a worker can be asked for, each as JSON in and JSON out; what a document does wrong becomes a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitor.errors import ParseError
from monitor.feeds import extract, pages


def run(request: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """Do one job. Never raises: an error is an answer with `reason` and `message`."""
    try:
        return {"ok": _JOBS[request["job"]](request, body)}
    except ParseError as error:
        return {"reason": error.reason, "message": str(error)}
    except MemoryError:
        return {"reason": "limits", "message": "it needs more memory than a feed may"}
    except RecursionError:
        return {"reason": "hostile", "message": "it is nested beyond reading"}
    except Exception as error:  # noqa: BLE001  # feedparser raises anything on hostile input; the worker must answer
        return {"reason": "crash", "message": f"the parser failed on it: {type(error).__name__}: {str(error)[:200]}"}


def _feed(request: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    known = frozenset(request["known"])
    return extract.read(body, request["content_type"], request["url"], known).to_json()


def _page(request: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    return pages.text(body, request["content_type"], request["url"])


def _links(request: Mapping[str, Any], body: bytes) -> list[dict[str, str]]:
    return pages.links(body, request["content_type"], request["url"])


_JOBS: Mapping[str, Callable[[Mapping[str, Any], bytes], Any]] = {"feed": _feed, "page": _page, "links": _links}
