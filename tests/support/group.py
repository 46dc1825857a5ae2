"""A group with stores under branches: its desk file with holders for each store, and a small regulation that uses them."""

from __future__ import annotations

from functools import cache
from typing import Any

from complaints.policy import LoadedPolicy
from storage.desk_file import read_desk
from storage.policy_files import read_bundle
from tests.support.company import a_calendar
from tests.support.desks import TestDesk

DESK = """\
name: Group
timezone: Asia/Taipei
officer: UOFFICER
fallback_channel: CFALLBACK
policies: [stores]
general_manager: general_manager
units:
  group: {role: general_manager, label: [Group, 集团, 集團]}
  north: {role: branch_head, parent: group, label: [North branch, 北区分公司, 北區分公司]}
  south: {role: branch_head, parent: group, label: [South branch, 南区分公司, 南區分公司]}
  store1: {role: store_manager, parent: north, label: [Store 1, 一店, 一店]}
  store2: {role: store_manager, parent: north, label: [Store 2, 二店, 二店]}
  store3: {role: store_manager, parent: south, label: [Store 3, 三店, 三店]}
  kiosk: {role: clerk, parent: group, label: [Kiosk, 服务亭, 服務亭]}
roles:
  clerk: {label: [Clerk, 文员, 文員], channel: CCLERK, members: [UCLERK1, UCLERK2]}
  store_manager:
    label: [Store manager, 店长, 店長]
    head: UALLSTORES
    superior: branch_head
    per:
      store1: {channel: CSTORE1, members: [UONE], head: UNORTH}
      store2: {channel: CSTORE2, members: [UTWO], head: UNORTH, calendar: sunday}
      store3: {channel: CSTORE3, members: [UTHREE], head: USOUTH}
  branch_head:
    label: [Branch head, 分公司经理, 分公司經理]
    per:
      north: {channel: CNORTH, members: [UNORTH]}
      south: {channel: CSOUTH, members: [USOUTH]}
  tester: {label: [Tester, 检测员, 檢測員], channel: CTEST, members: [UTEST1, UTEST2, UTEST3], head: UTESTHEAD}
  general_manager: {label: [General manager, 总经理, 總經理], members: [UGM]}
qualifications:
  authorised tester: {UTEST1: 2026-11-03, UTEST2: always}
calendars:
  main: {country: TW, days: mon-fri, hours: ["09:00-12:00", "13:00-18:00"]}
  sunday: {country: TW, days: mon-sun, hours: ["09:00-12:00", "13:00-18:00"]}
"""

STORES = """\
policy: {id: stores, label: "1", text: Stores, in_force_by: general_manager, registry: clerk}
roles:
  clerk: {}
  store_manager: {per: store, source: "1"}
  branch_head: {per: store, source: "1"}
  tester: {needs: authorised tester, source: "2"}
  general_manager: {}
fields:
  store: unit
  what: {type: text, long: true}
  finding: text
  liable: {type: unit, blames: true}
intake: {stages: [register], pages: [[store, what]]}
stages:
  register: {who: clerk, fill: [what], may_fill: [store], limit: at once, source: "1"}
  handle: {who: store_manager, fill: [finding], may_fill: [liable], limit: 1 working day, decide: {done: next, return: back, up: to judge}, source: "1"}
  review: {who: branch_head, limit: 1 working day, decide: {approve: next, return: back}, source: "1"}
  test: {who: tester, fill: [finding], limit: 1 working day, source: "2"}
  judge: {who: superior of store_manager, limit: 1 working day, tells: true, source: "1"}
routes:
  main: {closes: judge, path: [register, handle, review, {do: test, when: known(finding)}, judge]}
ladders:
  default:
    - {at: due, tell: [owner], as: reminder_slip}
    - {after: 1 working day, tell: [superior of owner], as: escalation}
    - {after: 2 working days, tell: [general_manager], as: escalation}
papers: {number: {pattern: YYYYMM-NNN, restart: month, at: register, source: D7}}
clauses: {"1": 「各分公司負責下屬門店」, "2": 「經培訓考核合格方可上崗」}
texts:
  handle: {name: [Handling, 处理, 處理], ask: [handle it, 请处理, 請處理]}
  authorised tester: [authorised tester, 授权检测员, 授權檢測員]
"""


@cache
def stores(text: str = STORES) -> LoadedPolicy:
    return read_bundle({"stores": text}, "stores")


def stores_desk(desk: str = DESK, text: str = STORES, **more: Any) -> TestDesk:
    """Return the group's desk, Monday 2 November 2026, 09:30."""
    loaded = read_desk(desk)
    made = TestDesk(policy="stores", loaded=stores(text), plan=loaded.plan, calendar=a_calendar(), **more)
    made.settings.calendars = lambda: loaded.calendars
    return made
