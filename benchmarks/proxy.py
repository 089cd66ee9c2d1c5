"""How does a mail server on the loopback answer as if it were far away?

    python -m benchmarks.proxy PORT MILLISECONDS

Prints the port of a proxy through which each answer of PORT comes so late, and ends with its standard input.
"""

import asyncio
import sys
from contextlib import suppress


async def serve_from_afar(port: int, milliseconds: int) -> None:
    """Serve until the standard input ends."""
    delay = milliseconds / 2_000  # half of it each way

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        with suppress(asyncio.CancelledError):  # nobody is left to serve
            await asyncio.gather(_pump(reader, back, delay), _pump(there, writer, delay))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Each piece arrives `delay` seconds after it left; pieces do not wait for one another."""
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def arrive() -> None:
        while (arrival := await on_the_way.get())[1]:
            when, piece = arrival
            await asyncio.sleep(max(0.0, when - loop.time()))
            writer.write(piece)
        writer.close()

    arriving = asyncio.create_task(arrive())
    with suppress(ConnectionError):
        while piece := await reader.read(65_536):
            on_the_way.put_nowait((loop.time() + delay, piece))
    on_the_way.put_nowait((loop.time(), b""))
    await arriving


if __name__ == "__main__":
    asyncio.run(serve_from_afar(int(sys.argv[1]), int(sys.argv[2])))
