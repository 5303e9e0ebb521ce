"""A delivery's life walked at random over the real path and store, held against a dictionary.

Two daemons share one store. They poll, judge and send; receivers refuse, processes die between any two steps of a send,
the clock jumps, leases run out in the middle of a send, watchlists are edited, further outlets tell the same story, and
people retry what was parked. The dictionary knows of each delivery only its state and how often it may have arrived.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from monitor.alerts.outbox import Event, step
from monitor.errors import SendError
from monitor.metrics import Metrics
from monitor.model import Alert, Alias, Article, Condition, DeliveryState, Digest, Entity, Rule, Watchlist
from monitor.pipeline import Pipeline
from monitor.records import Draft, Judgement, Poll
from monitor.store import Store
from monitor.store.schema import deliveries
from tests.alerts.builders import NOW

HOUR = timedelta(hours=1)
ANNA = Entity("anna", "Anna Orlova", aliases=(Alias("Anna Orlova", "en"),))
RULES = (
    Rule("at once", Condition(all=("anna",)), ("desk", "archive"), at_least=0.0),
    Rule("daily", Condition(all=("anna",)), ("archive",), at_least=0.0, digest=Digest(("08:00",))),
)
PLACES = ("Oslo", "Lima", "Cairo", "Hanoi", "Quito", "Accra", "Dhaka", "Sofia", "Minsk", "Tunis")
VERBS = ("opened a bridge", "sold a shipyard", "won a lawsuit", "closed an embassy", "signed a treaty", "left a party")
OWNERS = st.sampled_from(["first", "second"])
JUDGED = st.sampled_from(["first", "second", None])
CHANNELS = st.sampled_from(["desk", "archive"])


def _folder() -> Path:
    """A new folder, in memory where the system has such a place: the machine writes thousands of transactions."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="machine-", dir=memory if memory.is_dir() else None))


class Crash(BaseException):
    """The process is killed."""


class Receiver:
    """A channel's far end: remembers what it accepted, and answers each message as planned."""

    interval = 0.0

    def __init__(self, name: str) -> None:
        self.name = name
        self.accepted: list[Alert] = []
        self.shown: dict[str, int] = {}
        self.plan: Callable[[Alert], None] = lambda alert: None

    def send(self, alert: Alert, *, thread: str | None, now: object, deadline: float) -> str | None:
        self.plan(alert)
        self.accepted.append(alert)
        self.shown[alert.key] = alert.outlets
        return f"{self.name}-{len(self.accepted)}"

    def update(self, alert: Alert, *, receipt: str, now: object, deadline: float) -> None:
        assert alert.outlets > self.shown[alert.key], "an update says more than the message does"
        self.shown[alert.key] = alert.outlets

    def close(self) -> None:
        """Nothing to close."""


class Deliveries(RuleBasedStateMachine):
    """The machine; see the module."""

    _template: Path | None = None

    @initialize()
    def open(self) -> None:
        """Start with two daemons on an empty store."""
        self.folder = _folder()
        if Deliveries._template is None:
            kept = _folder()
            atexit.register(shutil.rmtree, kept)
            Deliveries._template = kept / "empty.db"
            Store.open(f"sqlite:///{Deliveries._template}", now=NOW).close()
        shutil.copy(Deliveries._template, self.folder / "monitor.db")
        self.store = Store.open(f"sqlite:///{self.folder / 'monitor.db'}", now=NOW)
        self.now = NOW
        self.count = 0
        self.texts: list[str] = []
        self.edits = Counter(rules=0, entities=0)
        self.receivers = {name: Receiver(name) for name in ("desk", "archive")}
        self.model: dict[tuple[str, str], DeliveryState] = {}
        self.order: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.held: set[str] = set()
        self.outlets: Counter[str] = Counter()
        self.parked: set[tuple[str, str]] = set()
        self.allowed: Counter[tuple[str, str]] = Counter()
        self.lines = {owner: self._line(owner) for owner in ("first", "second")}

    def teardown(self) -> None:
        """Mend everything, and let the daemons finish: nothing is lost, nothing is foreign, and order held."""
        if not hasattr(self, "store"):
            return
        try:
            self._finish()
        finally:
            self.store.close()
            shutil.rmtree(self.folder)

    # what happens

    @rule(place=st.sampled_from(PLACES), verb=st.sampled_from(VERBS), judged=JUDGED)
    def poll(self, place: str, verb: str, judged: str | None) -> None:
        """A feed brings an article, which is judged at once or later; stories may repeat."""
        text = f"Anna Orlova {verb} in {place} on Monday, officials in {place} said after the meeting"
        self.texts.append(text)
        self._publish(text, "paper.example", judged)

    @precondition(lambda self: self.texts)
    @rule(number=st.integers(1, 50), outlet=st.sampled_from(["radio.example", "agency.example"]), judged=JUDGED)
    def tell_elsewhere(self, number: int, outlet: str, judged: str | None) -> None:
        """Another outlet tells what was told before."""
        self._publish(self.texts[-number % len(self.texts)], outlet, judged)

    @precondition(lambda self: self.count > 0)
    @rule(number=st.integers(1, 50))
    def poll_again(self, number: int) -> None:
        """A feed brings an article that it brought before."""
        text = "Anna Orlova again"
        self._ingest(Article(f"a{1 + number % self.count}", "paper.example", None, self.now, "en", text))

    @rule(owner=OWNERS)
    def judge(self, owner: str) -> None:
        """A daemon judges what waits, unless the other one holds the lease."""
        self.lines[owner].judge("box")
        self.store.abandon(owner)

    @rule(owner=OWNERS)
    def release(self, owner: str) -> None:
        """A daemon lets go of what was held until now."""
        self.lines[owner].release_held()
        self.store.abandon(owner)
        self._take_up_digests()

    @rule(owner=OWNERS, channel=CHANNELS)
    def send(self, owner: str, channel: str) -> None:
        """The receiver takes what is due."""
        self._send(owner, channel, lambda alert: None, Event.ACCEPTED)

    @rule(owner=OWNERS, channel=CHANNELS, permanent=st.booleans(), after=st.none() | st.floats(0, 90_000))
    def refuse(self, owner: str, channel: str, permanent: bool, after: float | None) -> None:
        """The receiver refuses what is due, for now or for good."""

        def plan(alert: Alert) -> None:
            raise SendError("rejected", "refused", permanent=permanent, retry_after=after)

        self._send(owner, channel, plan, Event.GIVEN_UP if permanent else Event.FAILED)

    @rule(owner=OWNERS, channel=CHANNELS, accepted=st.booleans())
    def crash(self, owner: str, channel: str, accepted: bool) -> None:
        """The sender is killed before or after the receiver took the message, and started anew."""
        receiver = self.receivers[channel]

        def plan(alert: Alert) -> None:
            if accepted:
                receiver.accepted.append(alert)
                receiver.shown[alert.key] = alert.outlets
                self.allowed[channel, alert.key] += 1
            raise Crash

        try:
            self._send(owner, channel, plan, None)
        except Crash:
            self.store.abandon(owner)
            self.lines[owner] = self._line(owner)

    @rule(channel=CHANNELS)
    def lose_the_lease(self, channel: str) -> None:
        """The first daemon is suspended in the middle of a send; the second one takes over; the first wakes up."""
        nested: list[str] = []

        def plan(alert: Alert) -> None:
            if nested:
                return
            nested.append(alert.key)
            self.allowed[channel, alert.key] += 1
            self.store.abandon("first")
            self._send("second", channel, lambda _: None, Event.ACCEPTED)

        receiver = self.receivers[channel]
        receiver.plan = lambda alert: (self._took(channel, alert), plan(alert), None)[-1]
        self.lines["first"].send(channel)
        self.store.abandon("first")
        self.store.abandon("second")

    @rule(
        jump=st.sampled_from(
            [timedelta(minutes=1), HOUR, -HOUR, 24 * HOUR, timedelta(days=3650), timedelta(days=-3650)]
        )
    )
    def clock(self, jump: timedelta) -> None:
        """Time goes by, or the clock is set."""
        if timedelta(days=-4000) < self.now + jump - NOW < timedelta(days=4000):
            self.now += jump

    @rule(part=st.sampled_from(["rules", "entities"]))
    def reload(self, part: str) -> None:
        """A watchlist is edited while everything runs."""
        self.edits[part] += 1
        for line in self.lines.values():
            line.watch([self._watchlist()])

    @rule()
    def ask_again(self) -> None:
        """A person retries what is parked."""
        self.store.unpark(self.now)
        for which, state in self.model.items():
            if state is DeliveryState.PARKED:
                self.parked.add(which)
                self.model[which] = step(state, Event.ASKED_AGAIN)

    # what always holds

    @invariant()
    def the_store_is_the_model(self) -> None:
        """Each delivery is in the state that the drawing leads to."""
        if hasattr(self, "store"):
            assert self._stored() == self.model

    @invariant()
    def nothing_foreign_and_nothing_twice(self) -> None:
        """Only our alerts arrive, each as often as crashes and lost leases explain, and no more."""
        for name, receiver in getattr(self, "receivers", {}).items():
            arrived = Counter(alert.key for alert in receiver.accepted)
            for key, times in arrived.items():
                assert (key, name) in self.model
                assert times <= 1 + self.allowed[name, key]

    # how it is done

    def _line(self, owner: str) -> Pipeline:
        return Pipeline(
            self.store,
            [self._watchlist()],
            self.receivers,
            Metrics(),
            lambda: self.now,
            owner=owner,
            heard=self._heard,
        )

    def _watchlist(self) -> Watchlist:
        other = Entity("other", f"Other {self.edits['entities']}")
        rules = [replace(rule, severity=f"edit {self.edits['rules']}") for rule in RULES]
        return Watchlist("box", "Box", {"anna": ANNA, "other": other}, tuple(rules), version=str(self.edits))

    def _publish(self, text: str, outlet: str, judged: str | None) -> None:
        self.count += 1
        self._ingest(Article(f"a{self.count}", outlet, None, self.now, "en", text, first_seen=self.now))
        if judged is not None:
            self.judge(judged)

    def _ingest(self, one: Article) -> None:
        hour = self.now + HOUR
        draft = Draft((f"guid:{one.id}",), "text", one)
        self.lines["first"].ingest(Poll("https://paper.example/feed", self.now, "new", hour, HOUR, (draft,)))

    def _heard(self, judgement: Judgement) -> None:
        if judgement.novelty:
            story = judgement.novelty.story
            self.outlets[story] = max(self.outlets[story], judgement.novelty.outlets)
        for outgoing in judgement.outgoing:
            if outgoing.hold is not None:
                self.held.add(outgoing.alert.key)
                continue
            for channel in outgoing.channels:
                self._expect(outgoing.alert, channel)

    def _expect(self, alert: Alert, channel: str) -> None:
        if (alert.key, channel) not in self.model:
            self.model[alert.key, channel] = DeliveryState.PENDING
            self.order[channel, alert.story].append(alert.key)

    def _take_up_digests(self) -> None:
        """Take note of the digests, and of held alerts that left by themselves, which only the store can tell of."""
        with self.store._db.read() as connection:
            rows = connection.execute(select(deliveries.c.alert, deliveries.c.channel).order_by(deliveries.c.id)).all()
        for key, channel in rows:  # in the order in which the store made them, which a story's must keep
            if (key, channel) in self.model:
                continue
            alert = self.store.alert(key)
            ours = {item.key for item in alert.items} if alert.is_digest else {key}
            assert ours <= self.held
            self.held -= ours
            self._expect(alert, channel)

    def _took(self, channel: str, alert: Alert) -> None:
        self.model[alert.key, channel] = step(self.model[alert.key, channel], Event.TAKEN)

    def _send(self, owner: str, channel: str, plan: Callable[[Alert], None], event: Event | None) -> int:
        receiver = self.receivers[channel]

        def planned(alert: Alert) -> None:
            self._took(channel, alert)
            plan(alert)

        def refused(alert: Alert) -> None:
            self._took(channel, alert)
            try:
                plan(alert)
            except SendError:
                self.model[alert.key, channel] = step(self.model[alert.key, channel], event or Event.FAILED)
                raise

        before = len(receiver.accepted)
        receiver.plan = planned if event in {None, Event.ACCEPTED} else refused
        try:
            count = self.lines[owner].send(channel)
        finally:
            if event is Event.ACCEPTED:
                for alert in receiver.accepted[before:]:
                    self.model[alert.key, channel] = step(self.model[alert.key, channel], event)
        self.store.abandon(owner)
        return count

    def _stored(self) -> dict[tuple[str, str], DeliveryState]:
        rows = self.store.alerts(None, None, 10_000)
        return {(one.alert, one.channel): one.state for row in rows for one in row.deliveries}

    def _finish(self) -> None:
        for _ in range(2):
            self.ask_again()
            self.now = max(self.now, NOW) + timedelta(days=1)
            for owner in ("first", "second"):
                while self.lines[owner].judge("box"):
                    pass
                self.store.abandon(owner)
            self.now += timedelta(days=2)
            self.release("first")
            for channel in ("desk", "archive"):
                while self._send("second", channel, lambda alert: None, Event.ACCEPTED):
                    pass
        self._check_counts()
        assert not self.held
        assert set(self.model.values()) <= {DeliveryState.SENT}
        for (channel, _), keys in self.order.items():
            arrived = list(dict.fromkeys(alert.key for alert in self.receivers[channel].accepted))
            assert set(keys) <= set(arrived)
            waited = [key for key in keys if (key, channel) not in self.parked]
            assert [key for key in arrived if key in waited] == waited

    def _check_counts(self) -> None:
        """The first message of each story shows how many outlets have told it by now."""
        with self.store._db.read() as connection:
            rows = connection.execute(select(deliveries).order_by(deliveries.c.id.desc())).all()
        for row in {(row.channel, row.rule, row.story): row for row in rows if row.story in self.outlets}.values():
            assert self.receivers[row.channel].shown[row.alert] == self.outlets[row.story]


Deliveries.TestCase.settings = settings(
    max_examples=10,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestDeliveries: Any = Deliveries.TestCase
