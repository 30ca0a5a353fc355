"""Write the server's user list from `users.acl.template`, for the server's version.

    python deploy/redis/acl.py --server-version 9.1.0 --passwords passwords.json > users.acl

`passwords.json` maps each user to its password; without it new ones are made and written to standard error as JSON.
Passwords stand in the list as SHA-256, so the list itself opens no door.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

TEMPLATE = Path(__file__).with_name("users.acl.template")
_USER = re.compile(r"^user ([a-z]{1,40}) on ", re.MULTILINE)


def users() -> tuple[str, ...]:
    """The users that the template gives a password."""
    return tuple(_USER.findall(TEMPLATE.read_text(encoding="utf-8")))


def new_passwords() -> dict[str, str]:
    """A password for each user: 256 bits, letters and digits that need no quoting in a URL."""
    return {user: secrets.token_urlsafe(32) for user in users()}


def render(server_version: str, passwords: Mapping[str, str], shard: str | None = None) -> str:
    """The user list for a server of `server_version` ("6.2.9"; of a Valkey its own version or `redis_version`).

    Raises KeyError for a user without a password, ValueError for a version older than 6.2.
    """
    major, minor = (int(part) for part in [*server_version.split("."), "0"][:2])
    if (major, minor) < (6, 2):
        raise ValueError(f"server version {server_version} is not supported, 6.2 is the oldest")
    # FastStream and redis-py send CLIENT SETINFO on each connection. 7.2 and later know it and log a denial unless it
    # is granted; 7.0 does not know it and loads no list that names it; 6.2 loads any name and checks before it knows.
    setinfo = "" if (7, 0) <= (major, minor) < (7, 2) else "+client|setinfo"
    values = {"KEY": f"fazhi:{{{shard}}}:" if shard else "fazhi:", "SETINFO": setinfo}
    for user in users():
        values[f"PASSWORD_{user}"] = "#" + sha256(passwords[user].encode()).hexdigest()
    lines = [
        line.format(**values).rstrip()
        for line in TEMPLATE.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")  # the server takes no comments
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write the server's user list.")
    parser.add_argument("--server-version", required=True, help="for example 9.1.0: `valkey-server --version`")
    parser.add_argument("--passwords", type=Path, help="JSON file: user → password")
    parser.add_argument("--shard", help="the shard in the key names, as FAZHI_SHARD")
    options = parser.parse_args()
    if options.passwords is None:
        passwords = new_passwords()
        sys.stderr.write(json.dumps(passwords, indent=1) + "\n")
    else:
        passwords = json.loads(options.passwords.read_text(encoding="utf-8"))
    try:
        sys.stdout.write(render(options.server_version, passwords, options.shard))
    except KeyError as error:
        parser.error(f"no password for user {error.args[0]}; the users are {', '.join(users())}")
    except ValueError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
