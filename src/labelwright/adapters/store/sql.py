"""The store on SQLite or PostgreSQL: the same code, the same tests. Every public method is one transaction."""

from __future__ import annotations

from labelwright.adapters.store.sql_accounts import AccountsSql
from labelwright.adapters.store.sql_annotations import AnnotationsSql
from labelwright.adapters.store.sql_browse import BrowseSql
from labelwright.adapters.store.sql_certification import CertificationSql
from labelwright.adapters.store.sql_consensus import ConsensusSql
from labelwright.adapters.store.sql_events import EventsSql
from labelwright.adapters.store.sql_loop import LoopSql
from labelwright.adapters.store.sql_models import ModelsSql
from labelwright.adapters.store.sql_people import PeopleSql
from labelwright.adapters.store.sql_quality import QualitySql
from labelwright.adapters.store.sql_rounds import RoundsSql
from labelwright.adapters.store.sql_snapshots import SnapshotsSql
from labelwright.adapters.store.sql_team import TeamSql
from labelwright.adapters.store.sql_work import WorkSql


class SqlStore(
    PeopleSql,
    WorkSql,
    RoundsSql,
    EventsSql,
    AnnotationsSql,
    ConsensusSql,
    QualitySql,
    TeamSql,
    ModelsSql,
    LoopSql,
    AccountsSql,
    BrowseSql,
    SnapshotsSql,
    CertificationSql,
):
    """Everything that Labelwright must remember, in one relational database."""
