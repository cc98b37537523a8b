"""Run the embedded mail server and its inbox: ``python -m broadsheet.embedded.mail CONFIG``."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import uvicorn

from broadsheet.embedded.mail.faults import Faults
from broadsheet.embedded.mail.inbox import create_app
from broadsheet.embedded.mail.mailbox import Mailbox
from broadsheet.embedded.mail.smtp import Login, smtp_factory
from broadsheet.embedded.ports import LOOPBACK


@dataclass(frozen=True)
class MailConfig:
    """What the mail server needs to know; kept in a private file."""

    folder: str
    home: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    inbox_port: int
    inbox_password: str

    def dumps(self) -> str:
        """Return the configuration as JSON."""
        return json.dumps(asdict(self), indent=2)


async def serve(config: MailConfig) -> None:
    """Take mail and show it until told to stop."""
    mailbox, faults = Mailbox(Path(config.folder)), Faults()
    login = Login(config.smtp_user, config.smtp_password)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: smtp_factory(mailbox, faults, login, loop=loop), host=LOOPBACK, port=config.smtp_port
    )
    app = create_app(mailbox, faults, password=config.inbox_password, home=Path(config.home))
    web = uvicorn.Server(
        uvicorn.Config(
            app, host=LOOPBACK, port=config.inbox_port, access_log=False, lifespan="off", server_header=False
        )
    )
    async with server:
        await web.serve()


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    # It would log what each side says, addresses included.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    asyncio.run(serve(MailConfig(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
