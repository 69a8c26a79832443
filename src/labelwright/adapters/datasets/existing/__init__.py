"""Sets with labels as others made them: COCO, YOLO, Pascal VOC, CoNLL, Hugging Face, tables, Label Studio exports."""

from labelwright.adapters.datasets.existing.reading import detect, read_existing

__all__ = ["detect", "read_existing"]
