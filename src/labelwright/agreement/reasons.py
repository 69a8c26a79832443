"""Why a measure is undefined, in words that a lead can act on."""

NOTHING = "there are no annotations"
NO_OVERLAP = "no item has two annotations"
ONE_CLASS = "only one class was used, so that agreement by chance is certain"
NO_PAIR = "no two annotators share an item"
NOT_CROSSED = "fewer than two items were answered by every annotator"
NO_SHARED = "this annotator shares no item with another"
NO_SPREAD = "all values are equal, so that there is nothing to agree on"


def number_varies(least: int, most: int) -> str:
    """The reason why Fleiss' kappa is refused."""
    return (
        f"the number of annotators varies from {least} to {most} per item, for which Fleiss' kappa is not defined; "
        "use Krippendorff's alpha or Gwet's AC1"
    )


def no_pair(n_annotations: int) -> str:
    """The reason when no two annotators can be compared."""
    return NO_PAIR if n_annotations else NOTHING


def number_varies_icc(least: int, most: int) -> str:
    """The reason why a one-way intraclass correlation is refused."""
    return (
        f"the number of annotations varies from {least} to {most} per item; "
        "use Krippendorff's alpha with the interval level"
    )
