"""Every format of labeled items by its name on the command line."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class LabelledFormat:
    """One format.

    Attributes:
        name: on the command line.
        description: what it writes, one sentence.
        module: where its encoder stands; loaded when it is wanted, so that others cost nothing.
        encoder: name of the encoder there.
        rule: what a reader of its files must know; name of a text there, or empty.
        loading: Python that reads the folder, for the card; ``OUT`` stands for its path.
        draws: it carries what was drawn (regions), rather than rows of a table.
        family: what its regions lie on: text, picture or sound; empty where it carries all of them.
    """

    name: str
    description: str
    module: str
    encoder: str
    loading: str
    rule: str = ""
    draws: bool = True
    family: str = ""


_HOME = "labelwright.export"
_SUPERVISION = (
    "import supervision as sv\n\ndata = sv.DetectionDataset.from_{0}(\n"
    '    images_directory_path="OUT/images", annotations_directory_path="OUT/{1}"{2}\n)'
)

LABELLED_FORMATS: dict[str, LabelledFormat] = {
    f.name: f
    for f in (
        LabelledFormat(
            "jsonl",
            "JSON Lines, nested values as they are",
            f"{_HOME}.tables",
            "jsonl",
            'import json\n\nrows = [json.loads(line) for line in open("OUT/data.jsonl", encoding="utf-8")]',
            draws=False,
        ),
        LabelledFormat(
            "csv",
            "CSV, one row an item; nested values as JSON",
            f"{_HOME}.tables",
            "csv",
            'import pandas as pd\n\nrows = pd.read_csv("OUT/data.csv")',
            draws=False,
        ),
        LabelledFormat(
            "parquet",
            "Parquet, typed columns, zstd",
            f"{_HOME}.tables",
            "parquet_files",
            'import polars as pl\n\nrows = pl.read_parquet("OUT/data.parquet")',
            draws=False,
        ),
        LabelledFormat(
            "hf",
            "Hugging Face datasets: a folder for load_dataset, classes as ClassLabel",
            f"{_HOME}.tables",
            "hf",
            'from datasets import load_dataset\n\ndata = load_dataset("OUT")',
            draws=False,
        ),
        LabelledFormat(
            "conll",
            "CoNLL-2003 with IOB2 tags",
            f"{_HOME}.conll",
            "encode",
            'lines = open("OUT/data.conll", encoding="utf-8").read().splitlines()',
            "RULE",
            family="text",
        ),
        LabelledFormat(
            "spacy",
            "spaCy DocBin: spans, entities, categories",
            f"{_HOME}.spacy_docs",
            "encode",
            "import spacy\nfrom spacy.tokens import DocBin\n\n"
            'docs = list(DocBin().from_disk("OUT/data.spacy").get_docs(spacy.blank("xx").vocab))',
            "RULE",
            family="text",
        ),
        LabelledFormat(
            "coco",
            "COCO: boxes, outlines, masks, keypoints in annotations.json",
            f"{_HOME}.coco",
            "encode",
            'from pycocotools.coco import COCO\n\ncoco = COCO("OUT/annotations.json")',
            "RULE",
            family="picture",
        ),
        LabelledFormat(
            "yolo",
            "YOLO: labels/*.txt for boxes, outlines and poses, with data.yaml",
            f"{_HOME}.yolo",
            "encode",
            _SUPERVISION.format("yolo", "labels", ', data_yaml_path="OUT/data.yaml"'),
            "RULE",
            family="picture",
        ),
        LabelledFormat(
            "yolo-obb",
            "YOLO with oriented boxes: four corners each",
            f"{_HOME}.yolo",
            "encode_oriented",
            _SUPERVISION.format("yolo", "labels", ', data_yaml_path="OUT/data.yaml", is_obb=True'),
            "RULE",
            family="picture",
        ),
        LabelledFormat(
            "voc",
            "Pascal VOC: Annotations/*.xml",
            f"{_HOME}.voc",
            "encode",
            _SUPERVISION.format("pascal_voc", "Annotations", ""),
            "RULE",
            family="picture",
        ),
        LabelledFormat(
            "masks",
            "PNG masks of class codes",
            f"{_HOME}.masks",
            "encode",
            'import numpy as np\nfrom PIL import Image\n\ncodes = np.array(Image.open("OUT/masks/NAME.png"))',
            "RULE",
            family="picture",
        ),
        LabelledFormat(
            "asr",
            "Manifest for speech recognition (NeMo's form)",
            f"{_HOME}.sound",
            "encode_asr",
            'import json\n\nrows = [json.loads(line) for line in open("OUT/asr_manifest.jsonl", encoding="utf-8")]',
            "ASR_RULE",
            family="sound",
        ),
        LabelledFormat(
            "rttm",
            "RTTM: who or what is heard when",
            f"{_HOME}.sound",
            "encode_rttm",
            'rows = [line.split() for line in open("OUT/labels.rttm", encoding="utf-8")]',
            "RTTM_RULE",
            family="sound",
        ),
        LabelledFormat(
            "webdataset",
            "WebDataset: tar files of samples",
            f"{_HOME}.webdataset",
            "encode",
            'import webdataset as wds\n\ndata = wds.WebDataset("OUT/data-000000.tar", shardshuffle=False).decode()',
            "RULE",
            draws=False,
        ),
        LabelledFormat(
            "dpo",
            "Preference pairs with TRL's columns: prompt, chosen, rejected",
            f"{_HOME}.preferences",
            "encode",
            'from datasets import load_dataset\n\npairs = load_dataset("json", data_files="OUT/preferences.jsonl")',
            "RULE",
            draws=False,
        ),
        LabelledFormat(
            "label-studio",
            "Label Studio JSON, importable",
            f"{_HOME}.tasks",
            "encode",
            'import json\n\ntasks = json.load(open("OUT/label-studio.json", encoding="utf-8"))',
            "RULE",
            draws=False,
        ),
    )
}


def labelled_format(name: str) -> LabelledFormat:
    """The format of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in LABELLED_FORMATS:
        raise UsageError(
            f"There is no format named {name!r}",
            where="--format",
            next_step=f"Use one of {', '.join(LABELLED_FORMATS)}",
        )
    return LABELLED_FORMATS[name]
