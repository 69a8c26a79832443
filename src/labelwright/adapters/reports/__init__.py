"""Files a report is made from: a Label Studio export, or a table with item, annotator, label."""
