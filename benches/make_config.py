"""Writes config.toml with 20 profiles and secrets.env into a folder, from the demo server's description."""

import json
import shlex
import sys
from pathlib import Path

folder = Path(sys.argv[1])
orgs = json.load(sys.stdin)["orgs"]
production = next(org for org in orgs if org["key"] == "production")
user = production["users"][0]
app = next(app for app in production["apps"] if "password" in app["flows"])

PROFILE = """
[profiles.bench-{number:02}]
environment = "{environment}"
login_url = "{login_url}"
flow = "password"
consumer_key = "{consumer_key}"
consumer_secret = {{ env = "BENCH_CONSUMER_SECRET" }}
username = "{username}"
password = {{ env = "BENCH_PASSWORD" }}
security_token = {{ env = "BENCH_SECURITY_TOKEN" }}
api_version = "66.0"

[profiles.bench-{number:02}.variables]
account_id = "001000000000{number:03}AAA"
"""

environments = ["sandbox", "production", "scratch", "developer"]
profiles = [
    PROFILE.format(
        number=number,
        environment=environments[number % 4],
        login_url=production["login_url"],
        consumer_key=app["consumer_key"],
        username=user["username"],
    )
    for number in range(20)
]
config = folder / "config.toml"
config.touch(mode=0o600)  # wider permissions would be a warning on the screen
config.write_text("".join(profiles).lstrip())

secrets = {
    "BENCH_CONSUMER_SECRET": app["consumer_secret"],
    "BENCH_PASSWORD": user["password"],
    "BENCH_SECURITY_TOKEN": user["security_token"],
}
(folder / "secrets.env").write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in secrets.items()))
