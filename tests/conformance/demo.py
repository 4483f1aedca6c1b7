"""The demo server's own description, as `run` passes it on in ORGDECK_DEMO."""

import json
import os

DEMO = json.loads(os.environ["ORGDECK_DEMO"])
ORGS = {org["key"]: org for org in DEMO["orgs"]}
USERS = {key: org["users"] for key, org in ORGS.items()}
APPS = {key: org["apps"] for key, org in ORGS.items()}


def app_for(org, flow, run_as=False):
    """The first connected app of an org that has a flow switched on (and, if asked for, a run-as user)."""
    return next(app for app in APPS[org] if flow in app["flows"] and (app.get("run_as") or not run_as))
