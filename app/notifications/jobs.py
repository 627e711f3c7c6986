"""Periodic work: owed letters are sent, and messages read long ago are deleted."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from datetime import timedelta

import structlog
from flask import current_app

from app.core import mail
from app.core.clock import now
from app.core.jobs.context import Cancelled, Interrupted, JobContext, PermanentFailure
from app.core.jobs.operations import LeaseLost
from app.core.jobs.registry import Handler, Occasion
from app.core.jobs.rules import Periodic
from app.notifications import mailing
from app.notifications.letters import letter_of
from app.notifications.mailing import Owed
from app.notifications.operations import forget
from app.settings import Settings

log = structlog.get_logger()
TIDY = "notifications.tidy"
MAIL = "notifications.mail"
GIVE_UP = "notifications.give_up_mail"
BATCH = 1_000


def _tidy(context: JobContext) -> None:
    gone = BATCH
    while gone == BATCH:
        with context.step() as session:
            gone = forget(session, now(), BATCH)


def _mail(context: JobContext) -> None:
    """Send what is owed over one connection.

    Where there is no server, all of it waits. A server that breaks off may do so because of the
    letter it had: that one waits, and the next run goes on with the others.
    """
    settings: Settings = current_app.extensions["gufei.settings"]
    post: mail.Post | None = None
    try:
        with mail.connected(settings) as post:
            sent = [_goes_out(context, post, settings, owed) for owed in _letters(context)]
    except OSError as fault:
        log.exception("mail_server_away")
        if post is None:
            _put_off(context)
        raise PermanentFailure("mail_server_away") from fault
    if not all(sent):
        raise PermanentFailure("letters_refused")


def _letters(context: JobContext) -> Iterator[Owed]:
    """One due letter after the other, each taken up when the one before it is done with."""
    while (taken := _taken(context, 1)) is not None:
        yield from taken


def _put_off(context: JobContext) -> None:
    """Let all that is due wait as if it had been tried."""
    while _taken(context, BATCH) is not None:
        log.debug("letters_put_off")


def _taken(context: JobContext, most: int) -> list[Owed] | None:
    with context.step() as session:
        taken = mailing.take(session, now(), most)
    context.point("letters_taken")
    return taken


def _goes_out(context: JobContext, post: mail.Post, settings: Settings, owed: Owed) -> bool:
    """Whether the letter was accepted, and that was noted."""
    if not _is_accepted(post, settings, owed):
        return False
    context.point("letter_accepted")
    with context.step() as session:
        mailing.sent(session, owed.id, now())
    context.point("letter_noted")
    return True


def _is_accepted(post: mail.Post, settings: Settings, owed: Owed) -> bool:
    """What a library or a server finds wrong with one letter must not stop the others."""
    try:
        post.send_message(mail.composed(settings, letter_of(owed, settings.public_url)))
    except (Cancelled, Interrupted, LeaseLost, smtplib.SMTPServerDisconnected):
        raise
    except Exception:
        log.exception("letter_refused", notification_id=owed.id)
        return False
    return True


def _give_up(context: JobContext) -> None:
    """Fails if a letter was given up, so that it stands on the operator's list until next day."""
    with context.step() as session:
        lost = mailing.give_up(session, now())
    if lost:
        log.error("letters_given_up", notification_ids=lost)
        raise PermanentFailure("letters_given_up")


HANDLERS: dict[str, Handler] = {TIDY: _tidy, MAIL: _mail, GIVE_UP: _give_up}
OCCASIONS: dict[str, Occasion] = {MAIL: mailing.is_due}
SCHEDULE = (
    Periodic(TIDY, every=timedelta(days=1)),
    Periodic(MAIL, every=timedelta(seconds=30)),
    Periodic(GIVE_UP, every=timedelta(days=1)),
)
