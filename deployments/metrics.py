"""How does a monitoring system read the engine's figures? As Prometheus text, printed or served on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from deployments.environment import LOOPBACK, PortTaken
from flows.clock import now
from tasks.metrics import figures


class _EngineFigures(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        for figure in figures(now()):
            labels = list(figure.values[0][0]) if figure.values else []
            family = GaugeMetricFamily(figure.name, figure.meaning, labels=labels)
            for values, value in figure.values:
                family.add_metric([values[name] for name in labels], value)
            yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())  # without it the registry would read the database just to learn the names


def prometheus_text() -> str:
    """The figures of now, in the text format of Prometheus."""
    return generate_latest(_registry()).decode()


@contextmanager
def served(port: int) -> Iterator[None]:
    """While the block lasts, the figures are at http://127.0.0.1:PORT/metrics, read anew at each visit."""
    try:
        server, thread = start_http_server(port, addr=LOOPBACK, registry=_registry())
    except OSError:
        raise PortTaken(port) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _registry() -> CollectorRegistry:
    made = CollectorRegistry()
    made.register(_EngineFigures())
    return made
