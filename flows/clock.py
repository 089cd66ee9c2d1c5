"""What time is it?

The only clock of the engine: everywhere else the time is an argument named `at`. A run may start a fraction of a
second before the time it was planned for, or hours late after an outage: it speaks of the later of the two.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def instant_of_run(at: datetime | None) -> datetime:
    """The instant this run speaks of, in UTC: the given `at`, else the later of now and the run's planned start."""
    from prefect.runtime import flow_run  # here: a command that only asks for the time does not wait for Prefect

    if at is not None:
        return _plain(at)
    planned = flow_run.scheduled_start_time
    return max(now(), _plain(planned)) if planned else now()


def _plain(at: datetime) -> datetime:
    # Pendulum's own class loses its zone in sums once `astimezone` has given it the standard library's UTC.
    return datetime.fromtimestamp(at.timestamp(), UTC)
