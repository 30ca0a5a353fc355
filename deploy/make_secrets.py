"""Make the secrets of docker-compose.yml in deploy/secrets/: passwords, URLs, and the server's list of users.

    python deploy/make_secrets.py [--folder deploy/secrets] [--server-version 9.0.0]

Needs nothing but Python. Secrets that are there stay as they are: run it again after a new user was added to the
template. The folder is closed to others; the files in it are readable, since each container reads its own as its own user.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "redis"))

import acl  # noqa: E402 - it stands beside the template, not in a package

#: Users that connect by URL, each from a file of its own.
WITH_URL = ("normalizer", "sectioner", "extractor", "sink", "monitor", "operator", "crawler")
SERVER = "redis:6379"
DATABASE = "postgres:5432/fazhi"


def kept(folder: Path, name: str) -> str:
    """The secret of that name; made where there is none."""
    path = folder / name
    if not path.exists():
        path.write_text(secrets.token_urlsafe(32) + "\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def write(folder: Path, server_version: str, server: str = SERVER, database: str = DATABASE) -> None:
    """Write everything that the compose file names."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    passwords = {user: kept(folder, f"redis_password_{user}") for user in acl.users()}
    (folder / "redis_users").write_text(acl.render(server_version, passwords), encoding="utf-8")
    for user in WITH_URL:
        (folder / f"redis_url_{user}").write_text(f"redis://{user}:{passwords[user]}@{server}/0\n", encoding="utf-8")
    password = kept(folder, "postgres_password")
    (folder / "database_url").write_text(f"postgresql://fazhi:{password}@{database}\n", encoding="utf-8")
    kept(folder, "grafana_password")
    kept(folder, "api_token")
    for path in folder.iterdir():
        path.chmod(0o644)  # whatever the umask


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=HERE / "secrets")
    parser.add_argument("--server-version", default="9.0.0", help="of the Redis or Valkey in docker-compose.yml")
    asked = parser.parse_args()
    write(asked.folder, asked.server_version)
    print(
        f"written to {asked.folder}: Grafana's password is in grafana_password (user admin), the API's token in api_token,"
    )
    print("the crawlers' way in is redis_url_crawler (from this machine: port 6380 instead of redis:6379)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
