"""
Drives a running sandbox in the words of the conversation; needs only the standard library.

    desk = SandboxClient("http://127.0.0.1:8910")
    rep = desk.as_member("林佳穎")
    rep.command("/complaint")
    form = rep.view()
    form.fill("field.qty", 168)
    form.submit()
    desk.wait_message("quality", contains="261107").seen_by("陳品管").click("Approve")
"""

from __future__ import annotations

from sandbox.client.desk import SandboxClient
from sandbox.client.form import Form
from sandbox.client.member import Member
from sandbox.client.outcome import Outcome
from sandbox.client.problems import CannotDo, StillWaiting
from sandbox.client.process import Running, start_sandbox
from sandbox.client.shown import Shown

__all__ = [
    "CannotDo",
    "Form",
    "Member",
    "Outcome",
    "Running",
    "SandboxClient",
    "Shown",
    "StillWaiting",
    "start_sandbox",
]
