"""What the use cases need of the outside, as Protocols. Adapters implement them; tests of `app` need nothing else."""

from labelwright.model.desk import DeskSpec, Member, SeenAnnotation, SeenChange, SeenTask, TaskToDeliver
from labelwright.ports.desks import Codec, Desks
from labelwright.ports.learning import Featuring, Learner, Reads, Shelf, Tagged, Tagging
from labelwright.ports.pool import Media, Pool, PoolSpec, PoolSummary
from labelwright.ports.running import Clock, Progress
from labelwright.ports.scoring import Embedder, PoolEngine, ScoreTable, ScoreTables
from labelwright.ports.store import Store

__all__ = [
    "Clock",
    "Codec",
    "DeskSpec",
    "Desks",
    "Embedder",
    "Featuring",
    "Learner",
    "Media",
    "Member",
    "Pool",
    "PoolEngine",
    "PoolSpec",
    "PoolSummary",
    "Progress",
    "Reads",
    "ScoreTable",
    "ScoreTables",
    "SeenAnnotation",
    "SeenChange",
    "SeenTask",
    "Shelf",
    "Store",
    "Tagged",
    "Tagging",
    "TaskToDeliver",
]
